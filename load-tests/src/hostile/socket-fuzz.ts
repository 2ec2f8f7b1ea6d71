import { createRandom, type Random } from '@creatorflow/shared/simulator/random'
import { LIVE_NAMESPACE } from '@creatorflow/shared/socket'
import { mutateBytes, mutateJson } from './mutate.ts'
import { frame, openRawSocket, type RawSocket } from './raw-socket.ts'

export interface SocketFuzzed {
  frames: number
  connections: number
  /** Connections that the server ended. */
  ended: number
  refused: number
}

const FRAMES_A_CONNECTION = 25
const PARALLEL = 8

/** Sends `count` mutated frames over connections that are in the namespace, or not yet. */
export async function fuzzSockets(
  at: { readonly port: number; readonly creator: string; readonly key: string },
  count: number,
  seed: string,
): Promise<SocketFuzzed> {
  const random = createRandom(`sockets ${seed}`)
  const result: SocketFuzzed = { frames: 0, connections: 0, ended: 0, refused: 0 }
  const worker = async () => {
    while (result.frames < count) {
      const token = random.chance(0.8) ? at.key : undefined
      const opened = await openRawSocket(at.port, token).catch(() => undefined)
      result.connections++
      if (!opened) {
        result.refused++
        continue
      }
      await sendFrames(opened, at.creator, random, result)
      if (!opened.isOpen) result.ended++
      opened.socket.destroy()
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, worker))
  return result
}

async function sendFrames(
  opened: RawSocket,
  creator: string,
  random: Random,
  result: SocketFuzzed,
): Promise<void> {
  // A broken frame ends the connection, so tests of broken messages need connections without any.
  const breaksFrames = random.chance(0.3)
  for (let i = 0; i < FRAMES_A_CONNECTION && opened.isOpen; i++) {
    result.frames++
    opened.socket.write(mutatedFrame(creator, random, breaksFrames))
    // Mostly sent separately.
    if (random.chance(0.7)) await opened.closed(1)
  }
  await opened.closed(3)
}

function mutatedFrame(creator: string, random: Random, breaksFrames: boolean): Buffer {
  const packet = Buffer.from(breaksFrames ? packetOf(creator, random) : requestOf(creator, random))
  if (!breaksFrames) return frame({ opcode: 1, payload: packet })
  const payload = random.chance(0.4) ? mutateBytes(packet, random) : packet
  const whole = random.chance(0.6)
    ? frame({ opcode: 1, payload })
    : frame({
        opcode: random.between(0, 15),
        payload,
        fin: random.chance(0.7),
        reserved: random.chance(0.2) ? random.between(1, 7) : 0,
        masked: random.chance(0.9),
        ...(random.chance(0.2) && { claims: random.pick([0, 1, 126, 70_000, 2 ** 40]) }),
      })
  return random.chance(0.1) ? mutateBytes(whole, random) : whole
}

/** A packet that the parser accepts, with a mutated request inside. */
function requestOf(creator: string, random: Random): string {
  const input = { creator_id: creator, session_id: 'x', since: { epoch: 'a.1.1', seq: 1 } }
  const name = random.pick(['watch', 'watch', 'unwatch', '__proto__', 'toString', ''])
  const body = random.chance(0.7)
    ? [name, mutateJson(input, random)]
    : [name, ...[mutateJson([input, input], random)].flat()]
  return `42${LIVE_NAMESPACE},${random.pick(['', '0', '7'])}${JSON.stringify(body)}`
}

/** A packet of Socket.IO 5 over Engine.IO 4, valid in places. */
function packetOf(creator: string, random: Random): string {
  const input = { creator_id: creator, session_id: 'x', since: { epoch: 'a.1.1', seq: 1 } }
  const name = random.pick(['watch', 'unwatch', 'update', '__proto__', 'constructor', ''])
  const body = JSON.stringify([name, mutateJson(input, random)])
  const id = random.pick(['', '0', '1', '999999999999999999', '-1'])
  return random.pick([
    () => `42${LIVE_NAMESPACE},${id}${body}`,
    () => `42${LIVE_NAMESPACE},${id}${JSON.stringify(mutateJson([name, input], random))}`,
    () =>
      `45${random.between(0, 30)}-${LIVE_NAMESPACE},${id}["watch",{"_placeholder":true,"num":0}]`,
    () => `43${LIVE_NAMESPACE},${id}[]`,
    () =>
      `40${random.pick(['/', '/live', '/admin', '/__proto__'])},${JSON.stringify(mutateJson({ token: 'x', protocol: 1 }, random))}`,
    () => `41${LIVE_NAMESPACE},`,
    () => random.pick(['2probe', '3', '5', '6', '4', '0{"sid":"x"}', '1', '7']),
  ])()
}
