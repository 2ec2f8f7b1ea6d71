import type { Failure, Result } from '@creatorflow/shared/errors'
import {
  type ClientToServer,
  type Head,
  LIVE_NAMESPACE,
  PROTOCOL_VERSION,
  type Requests,
  type ServerToClient,
  type Status,
  type Update,
  type WatchReply,
} from '@creatorflow/shared/socket'
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'
import { createScreen, type Screen } from './live-screen.ts'

export type ClientSocket = Socket<ServerToClient, ClientToServer>
type Options = Partial<ManagerOptions & SocketOptions>

/** One connection as a screen has it, with everything it received. */
export interface LiveClient extends AsyncDisposable {
  readonly socket: ClientSocket
  readonly updates: Update[]
  readonly heads: Head[]
  readonly statuses: Status[]
  readonly disconnects: string[]
  watch(request: Requests['watch']): Promise<Result<WatchReply>>
}

/** Connects with a key; without one as nobody. Rejects with the server's failure. */
export async function connect(
  app: { readonly url: string },
  key: string | undefined,
  options: Options = {},
): Promise<LiveClient> {
  const socket: ClientSocket = io(`${app.url}${LIVE_NAMESPACE}`, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    auth: { protocol: PROTOCOL_VERSION, ...(key !== undefined && { token: key }) },
    ...options,
  })
  const client: LiveClient = {
    socket,
    updates: [],
    heads: [],
    statuses: [],
    disconnects: [],
    watch: (request) => socket.timeout(10_000).emitWithAck('watch', request),
    async [Symbol.asyncDispose]() {
      socket.disconnect()
    },
  }
  socket.on('update', (update) => client.updates.push(update))
  socket.on('head', (head) => client.heads.push(head))
  socket.on('status', (status) => client.statuses.push(status))
  socket.on('disconnect', (reason) => client.disconnects.push(reason))
  await new Promise<void>((done, failed) => {
    socket.once('connect', done)
    socket.once('connect_error', (error) => {
      if (!options.reconnection) socket.disconnect()
      failed(error)
    })
  })
  return client
}

/** Why the server refuses somebody. */
export async function refusal(
  app: { readonly url: string },
  key: string | undefined,
  options: Options = {},
): Promise<string> {
  try {
    await using _ = await connect(app, key, options)
    return 'let in'
  } catch (error) {
    const { data, message } = error as Error & { data?: Failure }
    return data?.code ?? message
  }
}

/** A screen on a connection: applies updates and asks again for what it missed. */
export async function openScreen(client: LiveClient, creator_id: string): Promise<Screen> {
  const screen = createScreen()
  let asking: Promise<void> | undefined
  async function ask(): Promise<void> {
    const { epoch, seq } = screen.position
    const result = await client.watch({ creator_id, ...(seq >= 0 && { since: { epoch, seq } }) })
    if (!result.ok) throw new Error(result.error.code)
    screen.answer(result.value)
  }
  const askAgain = () => {
    asking ??= ask()
      // The next head says again that something is missing.
      .catch(() => {})
      .finally(() => {
        asking = undefined
      })
  }
  client.socket.on('update', (update) => {
    if (update.creator_id === creator_id && !asking && !screen.update(update)) askAgain()
  })
  client.socket.on('head', ({ creator_id: id, epoch, seq }) => {
    const { position } = screen
    if (id === creator_id && (epoch !== position.epoch || seq > position.seq)) askAgain()
  })
  await ask()
  return screen
}

/** Stops reading a connection, like a screen whose machine is too slow. */
export function stopReading({ socket }: LiveClient): void {
  // Safe: in Node the WebSocket transport holds a socket of `ws`.
  const transport = socket.io.engine.transport as unknown as {
    ws: { _socket: { pause(): void } }
  }
  transport.ws._socket.pause()
}

/** The value of an answer; throws its failure instead. */
export function answerOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`)
  return result.value
}

export function codeOf(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.error.code
}
