export type BusListener = (message: string) => void

/**
 * Wakes the other nodes: what is published on a channel reaches its listeners on every node, in the
 * order of publishing, at most once. It may lose anything; nobody may depend on it for truth.
 */
export interface Bus extends AsyncDisposable {
  /** One line for the log. */
  readonly description: string
  /** Whether it can publish and receives on every channel that is subscribed. */
  readonly healthy: boolean
  /**
   * When the receiving side was last known to work, in `performance.now()` milliseconds: what the bus
   * took before that moment has been delivered here. `-Infinity` until the first proof.
   */
  readonly confirmedAt: number
  /** Never rejects: `false` says that the message was probably not sent, which is counted. */
  publish(channel: string, message: string): Promise<boolean>
  /**
   * Resolves once the listener is in place, or at once while the bus is away: it is placed when the bus
   * returns. The answer unsubscribes; nothing is delivered to the listener after it was called.
   */
  subscribe(channel: string, listener: BusListener): Promise<() => Promise<void>>
  /** Tells each change of `healthy`; messages may have been lost before it turned true. */
  onHealth(listener: (healthy: boolean) => void): () => void
}
