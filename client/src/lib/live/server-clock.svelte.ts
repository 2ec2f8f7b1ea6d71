/** A clock that jumps further than this was asleep. */
const SLEPT_MS = 5_000

/** The server's time, updated once a second, as estimated from the messages of one connection. */
export class ServerClock {
  /** Epoch ms. */
  now = $state(Date.now())

  #skewMs = Number.NEGATIVE_INFINITY
  #tickedAt = Date.now()
  readonly #timer: ReturnType<typeof setInterval>

  constructor(slept: () => void) {
    this.#timer = setInterval(() => {
      const jumped = Date.now() - this.#tickedAt > SLEPT_MS
      this.#tickedAt = Date.now()
      this.now = this.read()
      if (jumped) slept()
    }, 1_000)
  }

  /** The message with the shortest delay is the best measure. */
  heard(at: number): void {
    this.#skewMs = Math.max(this.#skewMs, at - Date.now())
  }

  /** Another connection may lead to a server with another clock. */
  forget(): void {
    this.#skewMs = Number.NEGATIVE_INFINITY
  }

  read(): number {
    return Date.now() + (Number.isFinite(this.#skewMs) ? this.#skewMs : 0)
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
