import type { Server, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** How long callers that hold a connection still get an answer, which tells them that it is the last one. */
const FAREWELL_MS = 500
const LOOK_MS = 50

export interface Closing {
  /** From now on each answer closes its connection. */
  begin(): void
  /** Stops accepting, lets open requests finish, then closes what is left after `timeoutMs`. */
  finish(timeoutMs: number): Promise<void>
}

/**
 * The orderly end of a server. A caller that keeps its connection alive sends its next request on it at any time:
 * closing it then would leave that request without an answer, so each is told first.
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
        // One that was answered before this began, without a word of it, becomes idle later.
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
