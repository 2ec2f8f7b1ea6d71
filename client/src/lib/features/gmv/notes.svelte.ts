import { sendEvent } from '#lib/send-event.ts'

/** The log forgets nothing, so a note can be taken back only before it is sent. */
const GRACE_MS = 5_000

export interface PendingNote {
  readonly id: string
  /** Epoch ms: when the key was pressed. */
  readonly ts: number
  readonly text: string
  readonly status: 'waiting' | 'sending' | 'failed'
  /** Why it could not be sent. */
  readonly problem?: string
}

/** Notes of one LIVE on their way: each is shown by the live state once the server has it. */
export class Notes {
  pending = $state.raw<readonly PendingNote[]>([])
  readonly #creatorId: string
  readonly #sessionId: string
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>()

  constructor(creatorId: string, sessionId: string) {
    this.#creatorId = creatorId
    this.#sessionId = sessionId
  }

  add(ts: number, text: string): void {
    const id = `note-${uuid()}`
    this.pending = [...this.pending, { id, ts, text, status: 'waiting' }]
    this.#timers.set(
      id,
      setTimeout(() => void this.send(id), GRACE_MS),
    )
  }

  /** Takes back what was not sent, or gives up what could not be. */
  drop(id: string): void {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
    this.pending = this.pending.filter((note) => note.id !== id)
  }

  /** Again under the same id, so that it counts once whatever became of the first try. */
  async send(id: string): Promise<void> {
    const note = this.pending.find((one) => one.id === id)
    if (!note || note.status === 'sending') return
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
    this.#change({ ...note, status: 'sending' })
    const problem = await sendEvent({
      id,
      type: 'note',
      ts: note.ts,
      creator_id: this.#creatorId,
      session_id: this.#sessionId,
      properties: { text: note.text },
    })
    if (problem === null) this.drop(id)
    else this.#change({ ...note, status: 'failed', problem })
  }

  /** Nobody can take a note back any more: what waits is sent. */
  close(): void {
    for (const { id, status } of this.pending) if (status === 'waiting') void this.send(id)
  }

  #change(note: PendingNote): void {
    this.pending = this.pending.map((one) => (one.id === note.id ? note : one))
  }
}

/** A page that came over plain HTTP has no `randomUUID`. */
function uuid(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
