import type { EventEmitter } from 'node:events'
import { partOf } from '../tiktok/values.ts'
import {
  type ConnectOptions,
  type Connector,
  type ConnectorConfig,
  ConnectorError,
  type RawMessage,
  type Room,
  type Signal,
} from './connector.ts'
import { askInTurn, roomIn, roomInApiAnswer, roomInSignAnswer } from './find-room.ts'
import { type Library, type LibrarySocket, loadLibrary, type WireMessage } from './library.ts'
import { createSignalQueue } from './signal-queue.ts'
import { watchSigning } from './signing.ts'

/** Messages of one connection that may wait in memory, some seconds of the busiest LIVEs. */
const WAITING_MESSAGES = 5_000

/** TikTok LIVE through `tiktok-live-connector`. */
export async function openTikTokLiveConnector(config: ConnectorConfig): Promise<Connector> {
  const library = await loadLibrary(config)
  return {
    findRoom: (handle, options) => findRoom(library, config, handle, options),
    connect: (handle, room, options) => connect(library, config, handle, room, options),
  }
}

function findRoom(
  library: Library,
  config: ConnectorConfig,
  handle: string,
  { signal }: ConnectOptions,
): Promise<Room | null> {
  const sign = library.signClient(signal)
  const { webClient } = library.connectionOf(handle, signal, sign, () => {})
  const places = [
    async () => roomIn(await library.roomInfoOnPage({ webClient, uniqueId: handle })),
    async () =>
      roomInApiAnswer(
        await webClient.getJsonObjectFromTikTokApi('api-live/user/room/', {
          uniqueId: handle,
          sourceType: '54',
        }),
      ),
  ]
  if (config.tiktokSignApiKey !== undefined) {
    places.push(async () => roomInSignAnswer((await sign.anchors.retrieveRoomId(handle)).data))
  }
  return askInTurn(places)
}

async function* connect(
  library: Library,
  config: ConnectorConfig,
  handle: string,
  room: Room,
  options: ConnectOptions,
): AsyncGenerator<Signal, void> {
  if (options.signal.aborted) return
  const over = new AbortController()
  const signal = AbortSignal.any([options.signal, over.signal])
  let socket: LibrarySocket | undefined
  let isHeld = false
  const queue = createSignalQueue({
    most: WAITING_MESSAGES,
    hold(held) {
      isHeld = held
      alive()
      if (held) socket?.pause()
      else socket?.resume()
    },
  })
  const lost = (what: string) => queue.end(new ConnectorError('connection_lost', what))
  let silence: NodeJS.Timeout | undefined
  function alive(): void {
    clearTimeout(silence)
    if (isHeld) return
    const seconds = config.tiktokStaleMs / 1_000
    silence = setTimeout(() => lost(`no data for ${seconds} s`), config.tiktokStaleMs)
  }
  const initial: RawMessage[] = []
  let isOpen = false
  const sign = library.signClient(signal)
  const refused = watchSigning(sign, config.tiktokSignApiKey)
  const connection = library.connectionOf(handle, signal, sign, (made) => {
    socket = made
    let failure: string | undefined
    made.on('error', (error) => {
      failure = error.message
    })
    made.on('close', (code) => lost(failure ?? `closed with ${code}`))
    made.on('webSocketData', alive)
    made.on('messageDecodingFailed', () => queue.push({ kind: 'unreadable' }))
    made.on('protoMessageFetchResult', ({ messages }) => {
      queue.push({ kind: 'messages', messages: messages.map(rawOf) })
    })
  })
  // Safe: it is an emitter; its types are lost between two module systems.
  const events = connection as unknown as EventEmitter
  // Messages that come with the signature are delivered before the socket is open.
  events.on('decodedData', (type: string, event: unknown, bytes: Uint8Array) => {
    if (!isOpen) initial.push({ type, data: partOf(event, 'data'), bytes })
  })
  events.on('websocketConnected', () => {
    isOpen = true
  })
  signal.addEventListener('abort', () => queue.end(), { once: true })
  alive()
  connection.connect(room.id).then(
    () => {
      queue.push({ kind: 'connected' })
      if (initial.length > 0) queue.push({ kind: 'messages', messages: initial })
    },
    (error: Error) => queue.end(refused() ?? library.asConnectorError(error)),
  )
  try {
    yield* queue
  } finally {
    over.abort()
    clearTimeout(silence)
    socket?.terminate()
  }
}

function rawOf({ method, msgId, payload, decodedData }: WireMessage): RawMessage {
  return { type: method, id: msgId, data: decodedData?.data, bytes: payload }
}
