import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { frame, openRawSocket } from './raw-socket.ts'

export interface Flooded {
  readonly name: FloodName
  readonly connections: number
  /** How many of them the server ended. */
  readonly ended: number
  /** Bytes written until then, by all of them. */
  readonly bytes: number
  /** Ms until the last one was ended; null if one never was. */
  readonly lastEndedMs: number | null
}

interface Target {
  readonly port: number
  readonly key: string
  readonly creator: string
}
export const floodNames = ['pings', 'fragments', 'unread', 'slow heads', 'slow bodies'] as const
export type FloodName = (typeof floodNames)[number]

/** Longest duration of a flood; what the server has not ended by then it never ends. */
const PATIENCE_MS = 45_000
const MAX_BYTES = 64_000_000

/** Runs one flood over some connections until the server has ended them all or time is up. */
export async function flood(
  name: FloodName,
  target: Target,
  connections: number,
): Promise<Flooded> {
  const startedAt = performance.now()
  const until = startedAt + PATIENCE_MS
  const each = await Promise.all(
    Array.from({ length: connections }, async () => {
      const attack = await attacks[name](target)
      let bytes = 0
      while (!attack.socket.destroyed && performance.now() < until && bytes < MAX_BYTES) {
        bytes += await attack.next()
      }
      const isEnded = attack.socket.destroyed
      const endedMs = performance.now() - startedAt
      attack.socket.destroy()
      return { bytes, isEnded, endedMs }
    }),
  )
  const ended = each.filter(({ isEnded }) => isEnded)
  return {
    name,
    connections,
    ended: ended.length,
    bytes: each.reduce((sum, one) => sum + one.bytes, 0),
    lastEndedMs:
      ended.length < connections ? null : Math.round(Math.max(...ended.map((e) => e.endedMs))),
  }
}

interface Attack {
  readonly socket: Socket
  /** Sends some more; returns how many bytes. */
  next(): Promise<number>
}

const attacks: Readonly<Record<FloodName, (target: Target) => Promise<Attack>>> = {
  async pings({ port, key }) {
    const { socket } = await openRawSocket(port, key)
    const ping = frame({ opcode: 9, payload: Buffer.alloc(125) })
    const many = Buffer.concat(Array.from({ length: 500 }, () => ping))
    // It asks for pongs and reads none of them.
    socket.pause()
    return { socket, next: () => write(socket, many) }
  },
  async fragments({ port, key }) {
    const { socket } = await openRawSocket(port, key)
    const piece = frame({ opcode: 0, payload: Buffer.from('x'), fin: false })
    const many = Buffer.concat(Array.from({ length: 1_000 }, () => piece))
    socket.write(frame({ opcode: 1, payload: Buffer.from('4'), fin: false }))
    return { socket, next: () => write(socket, many) }
  },
  async unread({ port, key, creator }) {
    const { socket } = await openRawSocket(port, key)
    await delay(200)
    const watch = Buffer.from(`42/live,0["watch",{"creator_id":"${creator}"}]`)
    socket.pause()
    // Snapshots are the largest answers; nobody reads them.
    return {
      socket,
      async next() {
        const sent = await write(socket, frame({ opcode: 1, payload: watch }))
        await delay(100)
        return sent
      },
    }
  },
  async 'slow heads'({ port }) {
    const socket = await opened(port)
    socket.write('POST /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n')
    return {
      socket,
      async next() {
        await delay(500)
        return write(socket, Buffer.from(`X-${randomBytes(2).toString('hex')}: 1\r\n`))
      },
    }
  },
  async 'slow bodies'({ port, key }) {
    const socket = await opened(port)
    socket.write(
      `POST /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${key}\r\n` +
        'Content-Type: application/x-ndjson\r\nContent-Length: 1000000\r\n\r\n',
    )
    return {
      socket,
      async next() {
        await delay(500)
        return write(socket, Buffer.from(' '))
      },
    }
  },
}

function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.resume()
    socket.once('error', reject)
    socket.once('end', () => socket.destroy())
  })
}

/** Waits briefly for the other side to drain: filling a local buffer would not flood it any faster. */
function write(socket: Socket, bytes: Buffer): Promise<number> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve(0)
    const done = () => {
      clearTimeout(timer)
      resolve(bytes.length)
    }
    const timer = setTimeout(done, 1_000)
    socket.write(bytes, done)
  })
}
