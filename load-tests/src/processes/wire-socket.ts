import { type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'

/** A WebSocket that reads as little as possible: a thousand of them must not cost more than what they measure. */
export interface WireSocket {
  send(text: string): void
  close(): void
  /** Bytes read since the handshake, including frames. */
  readonly bytesRead: number
}

export interface WireListener {
  /** One whole message; the buffer is only valid during the call. */
  onText(message: Buffer, socket: WireSocket): void
  onClose(): void
}

const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const
const HANDSHAKE_TIMEOUT_MS = 30_000

/** Opens a WebSocket; rejects with the status if the server refuses. Supports unfragmented frames only. */
export function openWireSocket(url: string, listener: WireListener): Promise<WireSocket> {
  return new Promise((resolve, reject) => {
    const asking = request(url, {
      agent: false,
      timeout: HANDSHAKE_TIMEOUT_MS,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'Y3JlYXRvcmZsb3diZW5jaA==',
      },
    })
    asking.once('upgrade', (_: IncomingMessage, socket: Socket, head: Buffer) => {
      socket.setTimeout(0)
      resolve(wireSocketOver(socket, head, listener))
    })
    asking.once('response', ({ statusCode }) => reject(new Error(`refused with ${statusCode}`)))
    asking.once('timeout', () => asking.destroy(new Error('no answer to the handshake')))
    asking.once('error', reject)
    asking.end()
  })
}

function wireSocketOver(socket: Socket, head: Buffer, listener: WireListener): WireSocket {
  let pending: Buffer = head
  let bytesRead = 0
  socket.setNoDelay(true)
  // An error is followed by 'close', which is all that matters here.
  socket.on('error', () => {})
  socket.once('close', () => listener.onClose())

  function take(chunk: Buffer): void {
    bytesRead += chunk.length
    const bytes = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk
    let at = 0
    for (let frame = frameAt(bytes, at); frame; frame = frameAt(bytes, at)) {
      at = frame.end
      onFrame(frame.opcode, bytes.subarray(frame.start, frame.end))
    }
    pending = bytes.subarray(at)
  }

  function onFrame(opcode: number, payload: Buffer): void {
    if (opcode === OPCODE.text) listener.onText(payload, wire)
    else if (opcode === OPCODE.ping) socket.write(frameOf(OPCODE.pong, payload))
    else if (opcode === OPCODE.close) socket.end()
  }

  const wire: WireSocket = {
    send: (text) => void socket.write(frameOf(OPCODE.text, Buffer.from(text))),
    close: () => socket.destroy(),
    get bytesRead() {
      return bytesRead
    },
  }
  socket.on('data', take)
  // The first message may come with the answer to the handshake.
  if (head.length > 0) take(Buffer.alloc(0))
  return wire
}

function frameAt(bytes: Buffer, at: number) {
  if (bytes.length < at + 2) return undefined
  const opcode = (bytes[at] as number) & 0x0f
  const short = (bytes[at + 1] as number) & 0x7f
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0
  const start = at + 2 + extra
  if (bytes.length < start) return undefined
  const length =
    extra === 0
      ? short
      : extra === 2
        ? bytes.readUInt16BE(at + 2)
        : Number(bytes.readBigUInt64BE(at + 2))
  return bytes.length < start + length ? undefined : { opcode, start, end: start + length }
}

/** A frame as clients send it: masked, here with zeros, so the payload stays unchanged. */
function frameOf(opcode: number, payload: Buffer): Buffer {
  const isShort = payload.length < 126
  const header = Buffer.alloc(isShort ? 6 : 8)
  header[0] = 0x80 | opcode
  header[1] = 0x80 | (isShort ? payload.length : 126)
  if (!isShort) header.writeUInt16BE(payload.length, 2)
  return Buffer.concat([header, payload])
}
