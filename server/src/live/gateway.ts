import type { Server as HttpServer } from 'node:http'
import { LIVE_NAMESPACE, roomOf } from '@creatorflow/shared/socket'
import { Server } from 'socket.io'
import type { Config } from '../core/config/config.ts'
import type { Log } from '../core/log.ts'
import type { Telemetry } from '../core/telemetry.ts'
import type { OpenScreenFeed, Tell } from '../http/feature.ts'
import type { Access } from '../identity/access/access.ts'
import type { Quotas } from '../quotas/quotas.ts'
import { admission } from './admission.ts'
import { createBroadcast } from './broadcast.ts'
import { dispatch, type Handlers } from './dispatch.ts'
import { createDoor, type Door } from './door.ts'
import { cut, sayGoodbye, statuses } from './farewell.ts'
import type { Followers } from './followers.ts'
import type { LiveServer, LiveSocket } from './live-socket.ts'
import type { Pulse } from './pulse.ts'
import { createRightsCheck } from './rights-check.ts'
import { createSlowReaders } from './slow-readers.ts'
import { unwatch, watch } from './watch.ts'

export interface GatewayDeps {
  /** What screens are told beside numbers. */
  readonly feeds: readonly OpenScreenFeed[]
  readonly followers: Followers
  readonly pulse: Pulse
  readonly access: Access
  readonly quotas: Pick<Quotas, 'spendSocket'>
  readonly config: Config
  readonly log: Log
  readonly telemetry: Telemetry
}

/** The sockets of this node: who may watch what, and what they receive. */
export function createGateway(server: HttpServer, deps: GatewayDeps): AsyncDisposable {
  const { followers, pulse, access, quotas, config, log, telemetry } = deps
  const door = createDoor(config, telemetry)
  const io = openServer(server, door)
  const live = io.of(LIVE_NAMESPACE)
  const slow = createSlowReaders(config, {
    warn: (socket) => socket.emit('status', statuses.slow),
    cut: (socket) => cut(socket, 'slow', telemetry),
  })
  const rights = createRightsCheck({
    sockets: live.sockets,
    access,
    log,
    cut: (socket, reason) => cut(socket, reason, telemetry),
  })
  telemetry.sample('sockets', () => live.sockets.size)
  telemetry.sample('watches', () =>
    [...live.sockets.values()].reduce((sum, socket) => sum + socket.data.watching.size, 0),
  )

  const screens = {
    watched: () => [...followers.all.keys()].filter((id) => live.adapter.rooms.has(roomOf(id))),
    tell: ((event, heard) =>
      emitTo(live.to(roomOf(heard.creator_id)).except(slow.room))(event, heard)) satisfies Tell,
  }
  const feeds = deps.feeds.map((open) => open(screens))

  live.use(admission({ access, config, log, telemetry }))

  const handlersFor = (socket: LiveSocket): Handlers => ({
    watch: async (input) => {
      const answer = await watch(socket, input, {
        followers,
        quotas,
        maxWatches: config.maxWatchesPerSocket,
      })
      for (const feed of feeds) feed.greet(input.creator_id, emitTo(socket))
      return answer
    },
    unwatch: async ({ creator_id }) => {
      await unwatch(socket, creator_id)
      return () => ({})
    },
  })
  live.on('connection', (socket) => {
    const onFlood = () => cut(socket, 'flood', telemetry)
    dispatch(socket, handlersFor(socket), { log, telemetry, onFlood })
    // Revocations during admission were sent to the sockets already here.
    void rights.check(socket)
  })

  const tick = createBroadcast({ live, followers, slow, telemetry, config })

  followers.onGone((creatorId) => {
    live.to(roomOf(creatorId)).emit('status', statuses.gone)
    for (const id of live.adapter.rooms.get(roomOf(creatorId)) ?? []) {
      const socket = live.sockets.get(id)
      if (socket) void unwatch(socket, creatorId)
    }
  })
  const stopChanges = access.onChange(rights.hear)
  const leave = pulse.join({
    tick,
    needs: (creatorId) => live.adapter.rooms.has(roomOf(creatorId)),
  })
  const timers = [
    setInterval(rights.cutExpired, config.pollIntervalMs),
    setInterval(() => void rights.checkAll(), config.socketRecheckMs),
  ]

  return {
    async [Symbol.asyncDispose]() {
      door.close()
      await Promise.all(feeds.map((feed) => feed[Symbol.asyncDispose]()))
      leave()
      timers.forEach(clearInterval)
      stopChanges()
      await sayGoodbye(io, telemetry)
    },
  }
}

/** Safe: each name of `Told` is an event with that message alone. */
const emitTo = (to: { emit(event: never, heard: never): unknown }): Tell =>
  ((event: never, heard: never) => void to.emit(event, heard)) as Tell

function openServer(server: HttpServer, door: Door): LiveServer {
  const io: LiveServer = new Server(server, {
    serveClient: false,
    // Messages of clients are tiny; a large frame is an attack.
    maxHttpBufferSize: 16_384,
    connectTimeout: 5_000,
    pingInterval: 10_000,
    pingTimeout: 8_000,
    perMessageDeflate: false,
    allowRequest: (request, decide) => decide(null, door.admits(request)),
  })
  io.engine.on('connection', door.count)
  // The default namespace is unused, and nobody authenticates in it.
  io.use((_, next) => next(new Error('not_found')))
  return io
}
