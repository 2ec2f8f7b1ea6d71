import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { LIVE_NAMESPACE } from '@creatorflow/shared/socket'
import { Server } from 'socket.io'
import { monotonicMs } from '../clock.ts'
import { serve } from './child.ts'
import type { RecordedMessage } from './screens-process.ts'

const ROOM = 'room'
const http = createServer()
const io = new Server(http, { serveClient: false, perMessageDeflate: false })
io.of(LIVE_NAMESPACE).on('connection', (socket) => {
  socket.on('watch', async (_: unknown, answer: (result: unknown) => void) => {
    await socket.join(ROOM)
    answer({ ok: true })
  })
})

const handlers = {
  async listen(_: undefined) {
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  },
  /** Sends the messages to the room with their original pauses. */
  async play(messages: readonly RecordedMessage[]) {
    const startedAt = monotonicMs()
    for (const { atMs, event, payload } of messages) {
      const wait = startedAt + atMs - monotonicMs()
      if (wait > 0) await delay(wait)
      io.of(LIVE_NAMESPACE).to(ROOM).emit(event, payload)
    }
  },
}
export type BareHandlers = typeof handlers
serve(handlers)
