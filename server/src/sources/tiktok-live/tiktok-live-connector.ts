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
import { ignoredTypes } from './normalise.ts'
import { createSignalQueue } from './signal-queue.ts'

const REQUEST_TIMEOUT_MS = 10_000
const LARGEST_FRAME_BYTES = 1_000_000
/** Messages of one connection that may wait in memory, some seconds of the busiest LIVEs. */
const WAITING_MESSAGES = 5_000
const DETAIL_CHARACTERS = 300

/** The parts of the library's socket that its types keep to themselves. */
interface LibrarySocket {
  pause(): void
  resume(): void
  terminate(): void
  on(
    event: 'protoMessageFetchResult',
    listener: (result: { messages: WireMessage[] }) => void,
  ): void
  on(event: 'messageDecodingFailed' | 'error', listener: (error: Error) => void): void
  on(event: 'webSocketData', listener: () => void): void
  on(event: 'close', listener: (code: number) => void): void
}

interface WireMessage {
  readonly method: string
  readonly msgId: string
  readonly payload: Uint8Array
  readonly decodedData?: { readonly data: unknown }
}

/**
 * TikTok LIVE through `tiktok-live-connector`. The library is loaded with the first connection: who has none does not
 * pay for it.
 */
export async function openTikTokLiveConnector(config: ConnectorConfig): Promise<Connector> {
  const [library, { default: SignClient }] = await Promise.all([
    import('tiktok-live-connector'),
    import('tiktok-live-api-sdk'),
  ])
  library.WebcastDeserializeConfig.showBase64OnDecodeError = false
  // Safe: names that the library does not know skip nothing.
  library.WebcastDeserializeConfig.skipMessageTypes = [...ignoredTypes] as never[]
  // Otherwise each message of a confused server is a line on standard error.
  // biome-ignore lint/style/noProcessEnv: the library has no other switch.
  process.env.DISABLE_ACK_LOG_WARNING = '1'

  const signClient = (signal: AbortSignal) =>
    new SignClient({
      basePath: config.tiktokSignApiUrl.replace(/\/$/, ''),
      ...(config.tiktokSignApiKey !== undefined && { apiKey: config.tiktokSignApiKey }),
      baseOptions: { validateStatus: () => true, timeout: REQUEST_TIMEOUT_MS, signal },
    })

  function connectionOf(
    handle: string,
    signal: AbortSignal,
    sign: ReturnType<typeof signClient>,
    found: (socket: LibrarySocket) => void,
  ) {
    const web = {
      retry: { limit: 0 },
      signal,
      // The library asks www.tiktok.com without TLS.
      hooks: {
        beforeRequest: [
          (options: { url?: unknown }) => {
            const { pathname, search } = new URL(String(options.url))
            options.url = new URL(`${pathname.slice(1)}${search}`, config.tiktokWebUrl)
          },
        ],
      },
    }
    return new library.TikTokLiveConnection(handle, {
      eulerApiInstance: sign,
      fetchRoomInfoOnConnect: false,
      // Safe: the library replaces the jar of cookies that its type asks for.
      webClientOptions: web as never,
      wsClientOptions: {
        maxPayload: LARGEST_FRAME_BYTES,
        perMessageDeflate: false,
        // The only moment at which its socket can be had before it may fail.
        finishRequest: (request, socket) => {
          // Safe: the library makes sockets of its own class alone.
          found(socket as unknown as LibrarySocket)
          if (signal.aborted) request.destroy()
          else request.end()
        },
      },
    })
  }

  function findRoom(handle: string, { signal }: ConnectOptions): Promise<Room | null> {
    const sign = signClient(signal)
    const { webClient } = connectionOf(handle, signal, sign, () => {})
    const places = [
      async () => roomIn(await library.fetchRoomInfoFromHtmlRoute({ webClient, uniqueId: handle })),
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
    const sign = signClient(signal)
    const refused = watchSigning(sign, config.tiktokSignApiKey)
    const connection = connectionOf(handle, signal, sign, (made) => {
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
    // What comes with the signature is told before the socket is open.
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
      (error: Error) => queue.end(refused() ?? asConnectorError(error)),
    )
    try {
      yield* queue
    } finally {
      over.abort()
      clearTimeout(silence)
      socket?.terminate()
    }
  }

  function asConnectorError(error: Error): ConnectorError {
    const isOfSigning =
      error instanceof library.SignAPIError ||
      error instanceof library.InvalidResponseError ||
      error instanceof library.SchemaDecodeError
    const detail = error.message.split('\n')[0]?.slice(0, DETAIL_CHARACTERS) ?? ''
    return new ConnectorError(isOfSigning ? 'sign_server' : 'connection_lost', detail)
  }

  return { findRoom, connect }
}

function rawOf({ method, msgId, payload, decodedData }: WireMessage): RawMessage {
  return { type: method, id: msgId, data: decodedData?.data, bytes: payload }
}

interface SignReply {
  readonly status: number
  readonly headers: object
  readonly data: unknown
}

/**
 * Notes what the sign server answers: of some refusals the library keeps nothing, and one of them it takes for a
 * failure of its own.
 */
function watchSigning(
  // biome-ignore lint/suspicious/noExplicitAny: the arguments are passed on as they are.
  sign: { rooms: { fetchWebcastURL(...given: any[]): Promise<any> } },
  key: string | undefined,
): () => ConnectorError | undefined {
  let refusal: ConnectorError | undefined
  const { rooms } = sign
  const ask = rooms.fetchWebcastURL.bind(rooms)
  rooms.fetchWebcastURL = async (...given) => {
    const reply: SignReply = await ask(...given)
    refusal = refusalOf(reply, key)
    return reply
  }
  return () => refusal
}

function refusalOf({ status, headers, data }: SignReply, key: string | undefined) {
  if (status === 200) return undefined
  const words = [String(status), messageIn(data)].filter(Boolean).join(': ')
  const detail = (key ? words.replaceAll(key, '…') : words).slice(0, DETAIL_CHARACTERS)
  if (status === 429) {
    const seconds = Number(partOf(headers, 'retry-after'))
    const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : undefined
    return new ConnectorError('rate_limited', detail, retryAfterMs)
  }
  const isPaid = status === 401 || status === 402 || status === 403
  return new ConnectorError(isPaid ? 'payment_required' : 'sign_server', detail)
}

function messageIn(data: unknown): string {
  try {
    // Safe: anything that is no bytes becomes a text that is no JSON.
    const message = partOf(JSON.parse(Buffer.from(data as ArrayBuffer).toString()), 'message')
    return typeof message === 'string' ? message : ''
  } catch {
    return ''
  }
}
