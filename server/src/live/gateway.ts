import type { Server as HttpServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { LIVE_NAMESPACE, PROTOCOL_VERSION, roomOf, type Status } from '@creatorflow/shared/socket'
import { Server } from 'socket.io'
import type { Config } from '../core/config/config.ts'
import { AppError, toFailure } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { parseApiKey } from '../core/rights/api-key-form.ts'
import { type Principal, sameRights } from '../core/rights/principal.ts'
import type { Telemetry } from '../core/telemetry.ts'
import { clientAddress } from '../http/client-address.ts'
import { truncatedAddress } from '../http/truncated-address.ts'
import type { Access } from '../identity/access/access.ts'
import type { AccessChange } from '../identity/access/changes.ts'
import type { Quotas } from '../quotas/quotas.ts'
import { dispatch } from './dispatch.ts'
import { createDoor } from './door.ts'
import type { Followers } from './followers.ts'
import type { LiveServer, LiveSocket } from './live-socket.ts'
import { createSlowReaders, endSoon } from './slow-readers.ts'
import type { SourceFeed, SourceFeedOf } from './source-feed.ts'
import { unwatch, watch } from './watch.ts'

export interface GatewayDeps {
  readonly openSourceFeed: (of: SourceFeedOf) => SourceFeed
  readonly followers: Followers
  readonly access: Access
  readonly quotas: Pick<Quotas, 'spendSocket'>
  readonly config: Config
  readonly log: Log
  readonly telemetry: Telemetry
}

/** Sockets that are checked again at once: each may cost a question to the database. */
const CHECKS_AT_ONCE = 50
/** Only a head that was confirmed this lately is told: silence makes a screen say that it is stale. */
const CONFIRMED_WITHIN_MS = 1_000
/** Time that a screen has to read why it is sent away. */
const GOODBYE_MS = 1_000

const statuses = {
  slow: {
    code: 'slow',
    message: 'This connection is too slow. Updates resume when it catches up.',
    retry: true,
  },
  flood: { code: 'too_many', message: 'Too many requests.', retry: true },
  roles_changed: { code: 'roles_changed', message: 'Your rights have changed.', retry: true },
  revoked: { code: 'revoked', message: 'The access was withdrawn.', retry: false },
  signed_out: { code: 'signed_out', message: 'You signed out.', retry: false },
  expired: { code: 'expired', message: 'The sign-in or key has expired.', retry: false },
  shutdown: { code: 'shutdown', message: 'The server restarts.', retry: true },
  gone: { code: 'gone', message: 'This creator was deleted.', retry: false },
} as const satisfies Record<string, Status>

/** The sockets of this node: who may watch what, and what they are sent. */
export function createGateway(server: HttpServer, deps: GatewayDeps): AsyncDisposable {
  const { openSourceFeed, followers, access, quotas, config, log, telemetry } = deps
  const door = createDoor(config, telemetry)
  const io: LiveServer = new Server(server, {
    serveClient: false,
    // What clients send is tiny; a large frame is an attack.
    maxHttpBufferSize: 16_384,
    connectTimeout: 5_000,
    pingInterval: 10_000,
    pingTimeout: 8_000,
    perMessageDeflate: false,
    allowRequest: (request, decide) => decide(null, door.admits(request)),
  })
  io.engine.on('connection', door.count)
  // The namespace that is always there has no use, and nobody is asked who they are in it.
  io.use((_, next) => next(new Error('not_found')))
  const live = io.of(LIVE_NAMESPACE)
  const slow = createSlowReaders(config, {
    warn: (socket) => socket.emit('status', statuses.slow),
    cut: (socket) => cut(socket, 'slow'),
  })
  telemetry.sample('sockets', () => live.sockets.size)
  telemetry.sample('watches', () =>
    [...live.sockets.values()].reduce((sum, socket) => sum + socket.data.watching.size, 0),
  )

  const sources = openSourceFeed({
    watched: () => [...followers.all.keys()].filter((id) => live.adapter.rooms.has(roomOf(id))),
    tell: (heard) => live.to(roomOf(heard.creator_id)).except(slow.room).emit('sources', heard),
  })

  live.use((socket, next) => {
    enter(socket).then(
      () => next(),
      (error: unknown) => {
        const failure = toFailure(error, log)
        log.info(
          {
            code: failure.code,
            key_id: keyIdOf(socket.handshake.auth),
            network: truncatedAddress(clientAddress(socket.request, config.trustedProxyHops)),
          },
          'socket refused',
        )
        if (failure.code === 'unauthorized') {
          telemetry.count('sockets_refused_total', { reason: 'unauthorized' })
        }
        next(Object.assign(new Error(failure.message), { data: failure }))
      },
    )
  })

  async function enter(socket: LiveSocket): Promise<void> {
    const { auth } = socket.handshake
    // A program that names none speaks the current one; it has no page to reload.
    const { protocol = PROTOCOL_VERSION } = auth
    if (protocol !== PROTOCOL_VERSION) {
      throw new AppError(
        'invalid_input',
        `This server speaks protocol ${PROTOCOL_VERSION}, the caller another one. Reload the page, or send {"protocol": ${PROTOCOL_VERSION}} as auth.`,
      )
    }
    socket.data.authentication = await access.authenticateSocket({ request: socket.request, auth })
    socket.data.watching = new Set()
  }

  live.on('connection', (socket) => {
    dispatch(
      socket,
      {
        watch: async (input) => {
          const answer = await watch(socket, input, {
            followers,
            quotas,
            maxWatches: config.maxWatchesPerSocket,
          })
          const heard = sources.hear(input.creator_id)
          if (heard) socket.emit('sources', heard)
          return answer
        },
        unwatch: async ({ creator_id }) => {
          await unwatch(socket, creator_id)
          return () => ({})
        },
      },
      { log, telemetry, onFlood: () => cut(socket, 'flood') },
    )
    // What was revoked while the socket came in was told to the sockets that were already here.
    void check(socket)
  })

  function cut(
    socket: LiveSocket,
    reason: Exclude<keyof typeof statuses, 'shutdown' | 'gone'>,
  ): void {
    if (!socket.connected) return
    telemetry.count('sockets_cut_total', { reason })
    socket.emit('status', statuses[reason])
    socket.disconnect(true)
    endSoon(socket, GOODBYE_MS)
  }

  let beatAt = 0

  function flush(): void {
    slow.check(live.sockets.values())
    for (const [creator_id, follower] of followers.all) {
      const update = follower.flush()
      if (!update) continue
      telemetry.count('updates_sent_total', {})
      const { epoch } = follower
      live
        .to(roomOf(creator_id))
        .except(slow.room)
        .emit('update', { creator_id, epoch, at: Date.now(), ...update })
    }
  }

  /** One timer for both: a head must not overtake its update, nor bring one out of its turn. */
  function tick(): void {
    flush()
    const now = performance.now()
    if (now < beatAt) return
    beatAt = Math.max(beatAt + config.headIntervalMs, now)
    beat(now)
  }

  function beat(now: number): void {
    for (const [creator_id, follower] of followers.all) {
      const { epoch, state, confirmedAt, recounting } = follower
      if (!follower.ready || now - confirmedAt > CONFIRMED_WITHIN_MS) continue
      live
        .to(roomOf(creator_id))
        .except(slow.room)
        .emit('head', {
          creator_id,
          epoch,
          seq: state.seq,
          at: Date.now(),
          age_ms: Math.round(now - confirmedAt),
          ...(recounting && { recounting }),
        })
    }
    followers.releaseUnused((creatorId) => live.adapter.rooms.has(roomOf(creatorId)))
  }

  async function check(socket: LiveSocket): Promise<void> {
    const before = socket.data.authentication
    try {
      const now = await access.recheck(before)
      if (!now) cut(socket, before.expiresAt <= Date.now() ? 'expired' : 'revoked')
      else if (!sameRights(now.principal, before.principal)) cut(socket, 'roles_changed')
      else socket.data.authentication = now
    } catch (error) {
      // The next round asks again.
      log.warn({ err: error }, 'a socket could not be checked again')
    }
  }

  let isChecking = false

  /** Finds what no message told: the bus may lose everything. */
  async function checkAll(): Promise<void> {
    // Rounds must not gather while the database answers slowly.
    if (isChecking) return
    isChecking = true
    const sockets = [...live.sockets.values()]
    for (let from = 0; from < sockets.length; from += CHECKS_AT_ONCE) {
      await Promise.all(sockets.slice(from, from + CHECKS_AT_ONCE).map(check))
    }
    isChecking = false
  }

  function cutExpired(): void {
    const now = Date.now()
    for (const socket of live.sockets.values()) {
      if (socket.data.authentication.expiresAt <= now) cut(socket, 'expired')
    }
  }

  followers.onGone((creatorId) => {
    live.to(roomOf(creatorId)).emit('status', statuses.gone)
    for (const id of live.adapter.rooms.get(roomOf(creatorId)) ?? []) {
      const socket = live.sockets.get(id)
      if (socket) void unwatch(socket, creatorId)
    }
  })
  const stopChanges = access.onChange(({ kind, id, reason }) => {
    for (const socket of live.sockets.values()) {
      if (!isAbout(socket.data.authentication.principal, kind, id)) continue
      if (reason) cut(socket, reason)
      else void check(socket)
    }
  })
  const timers = [
    setInterval(tick, config.coalesceIntervalMs),
    setInterval(() => {
      cutExpired()
      void followers.poll()
    }, config.pollIntervalMs),
    setInterval(() => void checkAll(), config.socketRecheckMs),
  ]

  return {
    async [Symbol.asyncDispose]() {
      door.close()
      await sources[Symbol.asyncDispose]()
      timers.forEach(clearInterval)
      stopChanges()
      telemetry.count('sockets_cut_total', { reason: 'shutdown' }, live.sockets.size)
      live.emit('status', statuses.shutdown)
      live.disconnectSockets(true)
      for (let waited = 0; io.engine.clientsCount > 0 && waited < GOODBYE_MS; waited += 20) {
        await delay(20)
      }
      // Not `io.close()`: it would also close the HTTP server, which has requests to finish.
      io.engine.close()
    },
  }
}

function isAbout(principal: Principal, kind: AccessChange['kind'], id: string): boolean {
  if (principal.kind === 'key') return kind === 'key' && principal.keyId === id
  if (principal.kind !== 'user') return false
  return kind === 'user' ? principal.userId === id : kind === 'sign_in' && principal.signInId === id
}

/** The id of a key that a socket gave, right or wrong; never its secret. */
function keyIdOf(auth: unknown): string | undefined {
  const token = typeof auth === 'object' && auth !== null && 'token' in auth ? auth.token : null
  return typeof token === 'string' ? parseApiKey(token)?.id : undefined
}
