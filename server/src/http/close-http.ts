import type { Server, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** How long callers on kept connections still get an answer, which tells them to close. */
const FAREWELL_MS = 500
const LOOK_MS = 50

export interface Closing {
  /** From now on each answer closes its connection. */
  begin(): void
  /** Stops accepting, lets open requests finish, then closes what is left after `timeoutMs`. */
  finish(timeoutMs: number): Promise<void>
}

/**
 * The graceful stop of a server. A keep-alive caller sends its next request at any time: closing then would
 * leave it unanswered, so each caller is told first.
 */
export function closeHttp(server: Server): Closing {
  const open = new Set<ServerResponse>()
  let isClosing = false
  server.prependListener('request', (_, response) => {
    if (isClosing) return last(response)
    open.add(response)
    response.once('close', () => open.delete(response))
  })

  function begin(): void {
    isClosing = true
    open.forEach(last)
  }

  return {
    begin,
    async finish(timeoutMs) {
      begin()
      const farewellMs = Math.min(FAREWELL_MS, timeoutMs)
      for (let ms = 0; ms < farewellMs && (await connectionsOf(server)) > 0; ms += LOOK_MS) {
        await delay(LOOK_MS)
      }
      await new Promise<void>((done) => {
        const timer = setTimeout(() => server.closeAllConnections(), timeoutMs)
        // A connection answered before this started, without notice, becomes idle later.
        const idle = setInterval(() => server.closeIdleConnections(), LOOK_MS)
        server.close(() => {
          clearTimeout(timer)
          clearInterval(idle)
          done()
        })
      })
    },
  }
}

function last(response: ServerResponse): void {
  response.shouldKeepAlive = false
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((done) => server.getConnections((_, count) => done(count ?? 0)))
}
