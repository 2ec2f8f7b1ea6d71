export type BusListener = (message: string) => void

/**
 * Wakes the other nodes: a message on a channel reaches its listeners on every node, in the order of
 * publishing, at most once. It may lose anything; nobody may rely on it for correctness.
 */
export interface Bus extends AsyncDisposable {
  /** One line for the log. */
  readonly description: string
  /** Whether it can publish and receives on every subscribed channel. */
  readonly healthy: boolean
  /**
   * When the receiving side was last known to work, in `performance.now()` milliseconds: messages the bus
   * took before that moment have been delivered here. `-Infinity` until the first proof.
   */
  readonly confirmedAt: number
  /** Never rejects: `false` means that the message was probably not sent, which is counted. */
  publish(channel: string, message: string): Promise<boolean>
  /**
   * Resolves once the listener is in place, or at once while the bus is away: it is placed when the bus
   * returns. The result unsubscribes; nothing is delivered to the listener after that.
   */
  subscribe(channel: string, listener: BusListener): Promise<() => Promise<void>>
  /** Called on each change of `healthy`; messages may have been lost before it turned true. */
  onHealth(listener: (healthy: boolean) => void): () => void
}
