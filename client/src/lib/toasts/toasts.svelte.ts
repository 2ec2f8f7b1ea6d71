import { quiet, sound } from '#lib/switches.svelte.ts'
import { beep } from './beep.ts'
import {
  advance,
  dismiss,
  emptyQueue,
  hold,
  push,
  release,
  type ToastInput,
  withdraw,
} from './queue.ts'

/** The messages of this page; whoever has news adds it here. */
class Toasts {
  queue = $state.raw(emptyQueue)
  #timer: ReturnType<typeof setTimeout> | undefined

  tell(input: ToastInput): void {
    if (quiet.on) return
    const { queue, rings } = push(this.queue, input, Date.now())
    if (rings && sound.on) beep()
    this.#set(queue)
  }

  withdraw(key: string): void {
    this.#set(withdraw(this.queue, key, Date.now()))
  }

  dismiss(id: number): void {
    this.#set(dismiss(this.queue, id, Date.now()))
  }

  hold(): void {
    this.#set(hold(this.queue))
  }

  release(): void {
    this.#set(release(this.queue, Date.now()))
  }

  clear(): void {
    this.#set(emptyQueue)
  }

  #set(queue: typeof emptyQueue): void {
    this.queue = queue
    clearTimeout(this.#timer)
    const next = Math.min(...queue.shown.map(({ until }) => until ?? Number.POSITIVE_INFINITY))
    if (queue.held || !Number.isFinite(next)) return
    this.#timer = setTimeout(
      () => this.#set(advance(this.queue, Date.now())),
      Math.max(50, next - Date.now()),
    )
  }
}

export const toasts = new Toasts()
