import { type ConnectorConfig, ConnectorError } from './connector.ts'
import { ignoredTypes } from './normalise.ts'

const REQUEST_TIMEOUT_MS = 10_000
const LARGEST_FRAME_BYTES = 1_000_000
const DETAIL_CHARACTERS = 300

/** Parts of the library's socket that its types hide. */
export interface LibrarySocket {
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

export interface WireMessage {
  readonly method: string
  readonly msgId: string
  readonly payload: Uint8Array
  readonly decodedData?: { readonly data: unknown }
}

/** `tiktok-live-connector` and its sign client, set up for this server. */
export type Library = Awaited<ReturnType<typeof loadLibrary>>

/** Loads the library: only connections pay for it. */
export async function loadLibrary(config: ConnectorConfig) {
  const [library, { default: SignClient }] = await Promise.all([
    import('tiktok-live-connector'),
    import('tiktok-live-api-sdk'),
  ])
  library.WebcastDeserializeConfig.showBase64OnDecodeError = false
  // Safe: names the library does not know skip nothing.
  library.WebcastDeserializeConfig.skipMessageTypes = [...ignoredTypes] as never[]
  // Otherwise each message of a confused server is a line on standard error.
  // biome-ignore lint/style/noProcessEnv: the library has no other switch.
  process.env.DISABLE_ACK_LOG_WARNING = '1'

  return {
    roomInfoOnPage: library.fetchRoomInfoFromHtmlRoute,

    /** A client of the sign server; a refusal is an answer, not an error. */
    signClient: (signal: AbortSignal) =>
      new SignClient({
        basePath: config.tiktokSignApiUrl.replace(/\/$/, ''),
        ...(config.tiktokSignApiKey !== undefined && { apiKey: config.tiktokSignApiKey }),
        baseOptions: { validateStatus: () => true, timeout: REQUEST_TIMEOUT_MS, signal },
      }),

    /** A connection not started yet. `found` gets its socket before that may fail. */
    connectionOf: (
      handle: string,
      signal: AbortSignal,
      sign: InstanceType<typeof SignClient>,
      found: (socket: LibrarySocket) => void,
    ) =>
      new library.TikTokLiveConnection(handle, {
        eulerApiInstance: sign,
        fetchRoomInfoOnConnect: false,
        // Safe: the library replaces the cookie jar that its type requires.
        webClientOptions: webOptions(config.tiktokWebUrl, signal) as never,
        wsClientOptions: {
          maxPayload: LARGEST_FRAME_BYTES,
          perMessageDeflate: false,
          // The only moment at which its socket is available before it may fail.
          finishRequest: (request, socket) => {
            // Safe: the library creates only sockets of its own class.
            found(socket as unknown as LibrarySocket)
            if (signal.aborted) request.destroy()
            else request.end()
          },
        },
      }),

    asConnectorError(error: Error): ConnectorError {
      const isOfSigning =
        error instanceof library.SignAPIError ||
        error instanceof library.InvalidResponseError ||
        error instanceof library.SchemaDecodeError
      const detail = error.message.split('\n')[0]?.slice(0, DETAIL_CHARACTERS) ?? ''
      return new ConnectorError(isOfSigning ? 'sign_server' : 'connection_lost', detail)
    },
  }
}

function webOptions(webUrl: string, signal: AbortSignal) {
  return {
    retry: { limit: 0 },
    signal,
    // The library asks www.tiktok.com without TLS.
    hooks: {
      beforeRequest: [
        (options: { url?: unknown }) => {
          const { pathname, search } = new URL(String(options.url))
          options.url = new URL(`${pathname.slice(1)}${search}`, webUrl)
        },
      ],
    },
  }
}
