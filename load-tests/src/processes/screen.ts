import { LIVE_NAMESPACE, PROTOCOL_VERSION } from '@creatorflow/shared/socket'
import { monotonicMs } from '../clock.ts'
import { openWireSocket, type WireSocket } from './wire-socket.ts'

/** One screen, at wire level: it records messages without building what it would draw. */
export interface Screen {
  readonly socket: WireSocket
  /** The raw answer to `watch`. */
  readonly reply: Buffer
  /** `monotonicMs` when the answer arrived. */
  readonly repliedAt: number
  readonly seen: Seen
}

/** Messages since the last reset; `arrivals` has pairs of (`to`, `monotonicMs`), one per update. */
export interface Seen {
  updates: number
  heads: number
  others: number
  messageBytes: number
  arrivals: number[]
  /** Updates that did not follow the previous one. */
  holes: number
  to: number
  closed: boolean
  /** Called for each raw update and head; only one screen of a process has it. */
  onMessage?: ((event: 'update' | 'head', message: Buffer) => void) | undefined
}

const prefix = `42${LIVE_NAMESPACE},["`
const updateStart = Buffer.from(`${prefix}update"`)
const headStart = Buffer.from(`${prefix}head"`)
const replyStart = Buffer.from(`43${LIVE_NAMESPACE},0`)
const connected = Buffer.from(`40${LIVE_NAMESPACE},{`)
const refused = Buffer.from(`44${LIVE_NAMESPACE},`)

/**
 * Connects, joins the namespace and watches, with an API key or as the local owner; rejects if any of the
 * three is refused.
 */
export function openScreen(url: string, creatorId: string, token?: string): Promise<Screen> {
  const watch = JSON.stringify(['watch', { creator_id: creatorId }])
  const seen = nothingSeen()
  return new Promise((resolve, reject) => {
    const opening = openWireSocket(`${url}/socket.io/?EIO=4&transport=websocket`, {
      onText(message, socket) {
        // Engine.IO: 0 open, 2 ping, 3 pong, 4 message.
        if (message[0] === 0x32) socket.send('3')
        else if (message[0] === 0x30) {
          socket.send(
            `40${LIVE_NAMESPACE},${JSON.stringify({ protocol: PROTOCOL_VERSION, token })}`,
          )
        } else if (startsWith(message, updateStart)) onUpdate(seen, message)
        else if (startsWith(message, headStart)) {
          seen.heads++
          seen.messageBytes += message.length
          seen.onMessage?.('head', message)
        } else if (startsWith(message, connected)) socket.send(`42${LIVE_NAMESPACE},0${watch}`)
        else if (startsWith(message, replyStart)) {
          // Copied: the buffer is only borrowed.
          const reply = Buffer.from(message.subarray(replyStart.length))
          const isOk = startsWith(reply, Buffer.from('[{"ok":true'))
          if (!isOk) reject(new Error(`not watched: ${reply.subarray(0, 300)}`))
          else resolve({ socket, reply, repliedAt: monotonicMs(), seen })
        } else if (startsWith(message, refused)) reject(new Error(`not let in: ${message}`))
        else seen.others++
      },
      onClose() {
        seen.closed = true
        reject(new Error('the server closed the connection'))
      },
    })
    opening.catch(reject)
  })
}

export function nothingSeen(): Seen {
  return {
    updates: 0,
    heads: 0,
    others: 0,
    messageBytes: 0,
    arrivals: [],
    holes: 0,
    to: 0,
    closed: false,
  }
}

function onUpdate(seen: Seen, message: Buffer): void {
  seen.updates++
  seen.messageBytes += message.length
  const { from, to } = rangeOf(message)
  if (seen.to > 0 && from > seen.to + 1) seen.holes++
  seen.to = to
  seen.arrivals.push(to, monotonicMs())
  seen.onMessage?.('update', message)
}

/** `from` and `to` come before the changes: the rest need not be read. */
function rangeOf(message: Buffer): { from: number; to: number } {
  const start = message.toString('latin1', 0, 500)
  const found = /"from":(\d+),"to":(\d+)/.exec(start)
  if (found) return { from: Number(found[1]), to: Number(found[2]) }
  return payloadOf(message) as { from: number; to: number }
}

/** The content of an `update` or `head`. */
export function payloadOf(message: Buffer): unknown {
  const text = message.toString()
  const [, payload] = JSON.parse(text.slice(text.indexOf('['))) as [string, unknown]
  return payload
}

function startsWith(message: Buffer, start: Buffer): boolean {
  return message.length >= start.length && start.compare(message, 0, start.length) === 0
}
