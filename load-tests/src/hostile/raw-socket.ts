import { type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import { LIVE_NAMESPACE, PROTOCOL_VERSION } from '@creatorflow/shared/socket'

/** A WebSocket that may break every rule: it writes byte by byte. */
export interface RawSocket {
  readonly socket: Socket
  readonly isOpen: boolean
  /** Resolves once the other side closes it, or with false when that takes too long. */
  closed(withinMs: number): Promise<boolean>
}

export interface Frame {
  readonly opcode: number
  readonly payload: Buffer
  readonly fin?: boolean
  /** The three reserved bits. */
  readonly reserved?: number
  readonly masked?: boolean
  /** Length claimed by the header, if different from the payload's. */
  readonly claims?: number
}

/** Opens one on the Engine.IO endpoint; with `token` it joins the namespace. Rejects when refused. */
export function openRawSocket(port: number, token?: string): Promise<RawSocket> {
  return new Promise((resolve, reject) => {
    const asking = request({
      port,
      host: '127.0.0.1',
      path: '/socket.io/?EIO=4&transport=websocket',
      agent: false,
      timeout: 10_000,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'Y3JlYXRvcmZsb3diZW5jaA==',
      },
    })
    asking.once('upgrade', (_: IncomingMessage, socket: Socket) => {
      let isOpen = true
      const over = Promise.withResolvers<void>()
      socket.setTimeout(0)
      socket.on('error', () => {})
      socket.once('close', () => {
        isOpen = false
        over.resolve()
      })
      socket.resume()
      if (token !== undefined) {
        const auth = JSON.stringify({ protocol: PROTOCOL_VERSION, token })
        socket.write(frame({ opcode: 1, payload: Buffer.from(`40${LIVE_NAMESPACE},${auth}`) }))
      }
      resolve({
        socket,
        get isOpen() {
          return isOpen
        },
        async closed(withinMs) {
          let timer: NodeJS.Timeout | undefined
          const late = new Promise<void>((done) => {
            timer = setTimeout(done, withinMs)
          })
          await Promise.race([over.promise, late])
          clearTimeout(timer)
          return !isOpen
        },
      })
    })
    asking.once('response', ({ statusCode }) => reject(new Error(`refused with ${statusCode}`)))
    asking.once('timeout', () => asking.destroy(new Error('no answer to the handshake')))
    asking.once('error', reject)
    asking.end()
  })
}

/** The bytes of a frame, valid or not; the mask is zeros, so the payload stays unchanged. */
export function frame({
  opcode,
  payload,
  fin = true,
  reserved = 0,
  masked = true,
  claims = payload.length,
}: Frame): Buffer {
  const long = claims > 65_535 ? 127 : claims > 125 ? 126 : claims
  const header = Buffer.alloc(2 + (long === 127 ? 8 : long === 126 ? 2 : 0) + (masked ? 4 : 0))
  header[0] = (fin ? 0x80 : 0) | (reserved << 4) | opcode
  header[1] = (masked ? 0x80 : 0) | long
  if (long === 126) header.writeUInt16BE(claims, 2)
  if (long === 127) header.writeBigUInt64BE(BigInt(claims), 2)
  return Buffer.concat([header, payload])
}
