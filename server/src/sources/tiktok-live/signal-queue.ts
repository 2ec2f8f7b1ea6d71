import type { Signal } from './connector.ts'

/** Between a sending socket and a slow consumer. */
export interface SignalQueue extends AsyncIterable<Signal> {
  push(signal: Signal): void
  /** Earlier pushes still arrive; then it ends, or fails with the error. Only the first end counts. */
  end(error?: Error): void
}

/** Waiting messages are handed over together, up to this many: one transaction, not one per frame. */
const MESSAGES_AT_ONCE = 500

export interface QueueOptions {
  /** Messages that may wait; past it the sender is paused. */
  readonly most: number
  /** Called to pause the sender, and to resume it when half of that is left. */
  readonly hold: (held: boolean) => void
}

/** For one consumer. */
export function createSignalQueue({ most, hold }: QueueOptions): SignalQueue {
  const waiting: Signal[] = []
  let messages = 0
  let isHeld = false
  let over: { error: Error | undefined } | undefined
  let news = Promise.withResolvers<void>()

  function weigh(by: number): void {
    messages += by
    const held = isHeld ? messages > most / 2 : messages > most
    if (held === isHeld) return
    isHeld = held
    hold(held)
  }

  function take(): Signal | undefined {
    const next = waiting.shift()
    if (next?.kind !== 'messages') return next
    const together = [...next.messages]
    for (let more = waiting[0]; more?.kind === 'messages'; more = waiting[0]) {
      if (together.length + more.messages.length > MESSAGES_AT_ONCE) break
      together.push(...more.messages)
      waiting.shift()
    }
    return { kind: 'messages', messages: together }
  }

  return {
    push(signal) {
      if (over) return
      waiting.push(signal)
      weigh(sizeOf(signal))
      news.resolve()
    },
    end(error) {
      over ??= { error }
      news.resolve()
    },
    async *[Symbol.asyncIterator]() {
      while (true) {
        for (let next = take(); next; next = take()) {
          yield next
          weigh(-sizeOf(next))
        }
        if (over?.error) throw over.error
        if (over) return
        news = Promise.withResolvers()
        await news.promise
      }
    },
  }
}

const sizeOf = (signal: Signal): number => (signal.kind === 'messages' ? signal.messages.length : 1)
