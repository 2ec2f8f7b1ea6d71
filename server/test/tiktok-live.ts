import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Database } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import {
  BaseProtoMessage,
  CommonMessageData,
  Gift,
  ImageModel,
  PopProduct,
  ProtoMessageFetchResult,
  Question,
  Text,
  User,
  WebcastChatMessage,
  WebcastControlMessage,
  WebcastEmoteChatMessage,
  WebcastGiftMessage,
  WebcastImEnterRoomMessage,
  WebcastLikeMessage,
  WebcastLinkMicBattle,
  WebcastMemberMessage,
  WebcastOecLiveShoppingMessage,
  WebcastPushFrame,
  WebcastQuestionNewMessage,
  WebcastRoomUserSeqMessage,
  WebcastSocialMessage,
  WebcastSubNotifyMessage,
} from 'tiktok-live-proto/v3'
import { type WebSocket, WebSocketServer } from 'ws'
import { insertSource } from '../src/sources/runtime/store.ts'

type Fields = object

export interface WireMessage {
  readonly method: string
  readonly msgId: string
  readonly payload: Uint8Array
}

/** The sign server's answer instead of a signature. */
export interface SignRefusal {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** TikTok and its sign server on this machine, with real frames. */
export interface TikTokStandIn extends AsyncDisposable {
  /** Where a server has to look for it. */
  readonly env: Readonly<Record<string, string>>
  /** Rooms on air, by handle; null is a handle that is not on air. Missing handles are unknown. */
  readonly rooms: Map<string, { readonly id: string; readonly startTime?: number } | null>
  /** Whether the pages and the web API answer. */
  answers: boolean
  refusal: SignRefusal | undefined
  /** Where sockets are sent instead of here. */
  pushServer: string | undefined
  /** Sent to each socket as soon as it has entered its room. */
  replay: readonly WireMessage[]
  /** Closes each socket as soon as it has entered its room. */
  closesAtOnce: boolean
  /** Requests that TikTok would not accept. */
  readonly flaws: string[]
  countsOf(room: string): RoomCounts
  send(room: string, messages: readonly WireMessage[], how?: { readonly gzip?: boolean }): void
  sendBytes(room: string, bytes: Uint8Array): void
  /** Breaks the connections to a room without notice. */
  cut(room: string): void
}

export interface RoomCounts {
  signatures: number
  /** Sockets that entered, in total and now. */
  entered: number
  open: number
  acks: number
}

export const signKey = 'a-key-of-the-sign-server'

/** Starts it on a free port. */
export async function startTikTok(): Promise<TikTokStandIn> {
  const http = createServer((request, response) => answer(request, response))
  const sockets = new Map<WebSocket, string>()
  const counts = new Map<string, RoomCounts>()
  const flaws: string[] = []
  const rooms: TikTokStandIn['rooms'] = new Map()
  const webSockets = new WebSocketServer({ server: http })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://stand-in')
    const page = /^\/@([^/]+)\/live$/.exec(url.pathname)
    const signed = /^\/webcast\/rooms\/(\d+)\/connect$/.exec(url.pathname)
    const asked = /^\/webcast\/anchors\/([^/]+)\/room_id$/.exec(url.pathname)
    if (asked) sendRoomId(asked[1] ?? '', response)
    else if (!self.answers && !signed) response.writeHead(503).end()
    else if (page) sendPage(page[1] ?? '', response)
    else if (url.pathname === '/api-live/user/room/') sendApi(url, response)
    else if (signed) sendSignature(signed[1] ?? '', request, response)
    else {
      flaws.push(`${request.method} ${url.pathname}`)
      response.writeHead(404).end()
    }
  }

  function infoOf(handle: string) {
    const room = rooms.get(handle)
    if (room === undefined) return undefined
    return {
      user: { id: '1', uniqueId: handle, roomId: room?.id ?? '', status: room ? 2 : 4 },
      liveRoom: { status: room ? 2 : 4, title: room ? 'Tea time' : '', startTime: room?.startTime },
    }
  }

  function sendPage(handle: string, response: ServerResponse): void {
    const liveRoomUserInfo = infoOf(handle)
    const state = JSON.stringify({ LiveRoom: liveRoomUserInfo ? { liveRoomUserInfo } : {} })
    response
      .setHeader('content-type', 'text/html')
      .end(`<html><script id="SIGI_STATE" type="application/json">${state}</script></html>`)
  }

  function sendApi(url: URL, response: ServerResponse): void {
    const data = infoOf(url.searchParams.get('uniqueId') ?? '')
    const body = data
      ? { statusCode: 0, data }
      : { statusCode: 19_881_007, message: 'user_not_found', data: {} }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  }

  function sendRoomId(handle: string, response: ServerResponse): void {
    const room = rooms.get(handle)
    const body =
      room === undefined
        ? { code: 404, ok: false }
        : { code: 200, ok: true, is_live: room !== null, room_id: room?.id ?? '' }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  }

  function sendSignature(room: string, request: IncomingMessage, response: ServerResponse): void {
    countsOf(room).signatures++
    if (request.headers['x-api-key'] !== signKey) flaws.push('a signature without the key')
    const { refusal } = self
    if (refusal) {
      response.writeHead(refusal.status, refusal.headers).end(refusal.body ?? '{}')
      return
    }
    const result = build('ProtoMessageFetchResult', {
      cursor: 'cursor-1',
      internalExt: 'ext-1',
      pushServer: self.pushServer ?? `ws://127.0.0.1:${port}/ws`,
      routeParams: { wrss: 'signed' },
    })
    response
      .writeHead(200, { 'x-set-tt-cookie': 'ttwid=abc', 'x-room-id': room })
      .end(ProtoMessageFetchResult.encode(result).finish())
  }

  webSockets.on('connection', (socket, request) => {
    const url = new URL(request.url ?? '/', 'http://stand-in')
    if (url.searchParams.get('wrss') !== 'signed') flaws.push('a socket that is not signed')
    if (!String(request.headers.cookie).includes('ttwid=abc')) flaws.push('a socket without cookie')
    const room = url.searchParams.get('room_id') ?? ''
    sockets.set(socket, room)
    countsOf(room).open++
    socket.on('close', () => {
      sockets.delete(socket)
      countsOf(room).open--
    })
    socket.on('error', () => {})
    socket.on('message', (bytes: Buffer) => {
      const frame = WebcastPushFrame.decode(bytes)
      if (frame.payloadType === 'ack') countsOf(room).acks++
      if (frame.payloadType !== 'im_enter_room') return
      const { roomId } = WebcastImEnterRoomMessage.decode(frame.payload)
      if (roomId !== room) flaws.push(`entered ${roomId} instead of ${room}`)
      countsOf(room).entered++
      if (self.replay.length > 0) socket.send(frameOf(self.replay, {}))
      if (self.closesAtOnce) socket.close(1011)
    })
  })

  function countsOf(room: string): RoomCounts {
    const found = counts.get(room) ?? { signatures: 0, entered: 0, open: 0, acks: 0 }
    counts.set(room, found)
    return found
  }

  const socketsOf = (room: string) =>
    [...sockets].flatMap(([socket, of]) => (of === room ? [socket] : []))

  const self: TikTokStandIn = {
    env: {
      TIKTOK_SIGN_API_URL: `http://127.0.0.1:${port}`,
      TIKTOK_SIGN_API_KEY: signKey,
      TIKTOK_WEB_URL: `http://127.0.0.1:${port}`,
      TIKTOK_POLL_MS: '200',
      TIKTOK_SILENCE_MS: '60000',
      SOURCES_INTERVAL_MS: '100',
    },
    rooms,
    answers: true,
    refusal: undefined,
    pushServer: undefined,
    replay: [],
    closesAtOnce: false,
    flaws,
    countsOf,
    send(room, messages, how = {}) {
      self.sendBytes(room, frameOf(messages, how))
    },
    sendBytes(room, bytes) {
      for (const socket of socketsOf(room)) socket.send(bytes)
    },
    cut(room) {
      for (const socket of socketsOf(room)) socket.terminate()
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.keys()) socket.terminate()
      webSockets.close()
      http.closeAllConnections()
      await new Promise<void>((done) => http.close(() => done()))
    },
  }
  return self
}

/** Adds a handle to watch for a creator. */
export async function addLive(
  database: Database,
  creatorId: string,
  handle: string,
): Promise<void> {
  await database.transaction((tx) =>
    // Safe: a test may do anything with its own creator.
    insertSource(tx, { creatorId } as Tenant, {
      kind: 'tiktok_live',
      isExclusive: false,
      account: handle,
      name: handle,
      settings: {},
    }),
  )
}

/** One frame with these messages, as TikTok packs them. */
export function frameOf(
  messages: readonly WireMessage[],
  { gzip = false }: { readonly gzip?: boolean },
): Uint8Array {
  const result = build('ProtoMessageFetchResult', {
    messages: messages.map((message) => build('BaseProtoMessage', message)),
    cursor: 'cursor-2',
    internalExt: 'ext-2',
    needAck: true,
  })
  const payload = Buffer.from(ProtoMessageFetchResult.encode(result).finish())
  const frame = build('WebcastPushFrame', {
    logId: '77',
    payloadEncoding: 'pb',
    payloadType: 'msg',
    payload: gzip ? gzipSync(payload) : payload,
  })
  return WebcastPushFrame.encode(frame).finish()
}

const codecs = {
  BaseProtoMessage,
  CommonMessageData,
  Gift,
  ImageModel,
  PopProduct,
  ProtoMessageFetchResult,
  Question,
  Text,
  User,
  WebcastChatMessage,
  WebcastControlMessage,
  WebcastEmoteChatMessage,
  WebcastGiftMessage,
  WebcastImEnterRoomMessage,
  WebcastLikeMessage,
  WebcastLinkMicBattle,
  WebcastMemberMessage,
  WebcastOecLiveShoppingMessage,
  WebcastPushFrame,
  WebcastQuestionNewMessage,
  WebcastRoomUserSeqMessage,
  WebcastSocialMessage,
  WebcastSubNotifyMessage,
}
type CodecName = keyof typeof codecs

interface Codec {
  encode(value: unknown): { finish(): Uint8Array }
  decode(bytes: Uint8Array): object
}

/** A value of the schema with everything not given as empty as possible. */
// biome-ignore lint/suspicious/noExplicitAny: the codecs have one type each.
export function build(name: CodecName, fields: Fields): any {
  return Object.assign(codecOf(name).decode(new Uint8Array()), fields)
}

export interface Viewer {
  readonly id: string
  readonly handle: string
}

/** A message on the wire: `fields` by the names of the 2026 schema, with an id, a time and its user. */
export function wireMessage(
  name: CodecName,
  {
    msgId,
    at,
    room,
    by,
    fields = {},
  }: {
    readonly msgId: string
    readonly at: number
    readonly room: string
    readonly by?: Viewer
    readonly fields?: Fields
  },
): WireMessage {
  const common = build('CommonMessageData', {
    method: name,
    msgId,
    roomId: room,
    createTime: String(at),
  })
  const avatarThumb = build('ImageModel', { urlList: ['https://pictures.example.com/a.webp'] })
  const user =
    by && build('User', { id: by.id, displayId: by.handle, nickname: by.handle, avatarThumb })
  const message = build(name, { common, ...(user && { user }), ...fields })
  return { method: name, msgId, payload: codecOf(name).encode(message).finish() }
}

// Safe: the encoded value was built by the same codec.
const codecOf = (name: CodecName) => codecs[name] as unknown as Codec
