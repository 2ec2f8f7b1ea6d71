import type { Config } from '../core/config/config.ts'
import type { LiveSocket } from './live-socket.ts'

/** Screens that do not read: told so and skipped until they have, cut if they never do. */
export interface SlowReaders {
  /** Sockets in this room get no updates: afterwards they find the gap and ask for what they missed. */
  readonly room: string
  check(sockets: Iterable<LiveSocket>): void
}

export function createSlowReaders(
  config: Pick<Config, 'socketDirtyBytes' | 'socketCutBytes' | 'socketCutMs'>,
  { warn, cut }: Record<'warn' | 'cut', (socket: LiveSocket) => void>,
): SlowReaders {
  const room = 'slow readers'
  const since = new WeakMap<LiveSocket, number>()

  return {
    room,
    check(sockets) {
      const now = performance.now()
      for (const socket of sockets) {
        const bytes = unreadBytes(socket)
        const slowSince = since.get(socket)
        if (slowSince === undefined) {
          if (bytes <= config.socketDirtyBytes) continue
          since.set(socket, now)
          void socket.join(room)
          // After what it has not read yet, and before the gap that it finds afterwards.
          warn(socket)
        } else if (bytes === 0) {
          since.delete(socket)
          void socket.leave(room)
        }
        const tooLong = slowSince !== undefined && now - slowSince > config.socketCutMs
        if (bytes > config.socketCutBytes || (bytes > 0 && tooLong)) cut(socket)
      }
    },
  }
}

/** The WebSocket under a connection; undefined while it polls. */
function webSocketOf(
  conn: LiveSocket['conn'],
): { bufferedAmount: number; terminate(): void } | undefined {
  // Safe: only the WebSocket transport has a `socket`, and it is one of `ws`.
  const { socket } = conn.transport as unknown as {
    socket?: { bufferedAmount: number; terminate(): void }
  }
  return socket
}

/** Sent but not read yet: packets still to be written, and bytes in the WebSocket. */
function unreadBytes({ conn }: LiveSocket): number {
  let bytes = webSocketOf(conn)?.bufferedAmount ?? 0
  // Safe: engine.io keeps waiting packets here; their data are texts.
  const { writeBuffer } = conn as unknown as { writeBuffer: readonly { data?: unknown }[] }
  for (const { data } of writeBuffer) bytes += typeof data === 'string' ? data.length : 1
  return bytes
}

/**
 * Ends a connection that may never read its goodbye: a graceful close waits until everything before it was
 * read, and would keep it in memory for as long.
 */
export function endSoon({ conn }: LiveSocket, withinMs: number): void {
  const timer = setTimeout(() => {
    webSocketOf(conn)?.terminate()
    conn.close(true)
  }, withinMs)
  conn.once('close', () => clearTimeout(timer))
}
