import { LIVE_NAMESPACE, PROTOCOL_VERSION, type Update } from '@creatorflow/shared/socket'
import { io } from 'socket.io-client'
import type { ClientSocket } from '../live-client.ts'
import { createScreen, type Screen } from '../live-screen.ts'

/** A screen's status; the first two are drawn in the color of live data. */
export type Trust = 'live' | 'resyncing' | 'stale' | 'joining' | 'offline'

/** A page that watches one creator, without the page: it reconnects, resumes and says when it cannot know. */
export interface FaultScreen {
  readonly trust: Trust
  readonly screen: Screen
  readonly socket: ClientSocket
  /** When it last stopped claiming to be live, `performance.now()`. */
  readonly lostTrustAt: number
  /** Whether it ever got a full state. */
  readonly hasJoined: boolean
  /** What went wrong on its way back, in order: refusals, failures and silence. */
  readonly setbacks: readonly string[]
  /** Stops reading its connection, like a machine that is too slow. */
  pause(): void
  resume(): void
  close(): void
}

export interface ScreenOptions {
  readonly url: string
  readonly key: string
  readonly creatorId: string
  readonly transport?: 'websocket' | 'polling'
}

/** As in a page: heads come every 500 ms, and an answer takes no longer than this. */
const BEAT_TIMEOUT_MS = 1_500
/** How long a screen may be outdated before it says so. */
const MAX_DOUBT_MS = 1_900
const JOIN_TIMEOUT_MS = 5_000
const RESUME_TIMEOUT_MS = 2_000
const MAX_KEPT_UPDATES = 100

export function isTrusted({ trust }: Pick<FaultScreen, 'trust'>): boolean {
  return trust === 'live' || trust === 'resyncing'
}

/** Opens one; it joins automatically. */
export function openFaultScreen(options: ScreenOptions): FaultScreen {
  const { url, key, creatorId, transport = 'websocket' } = options
  const screen = createScreen()
  const socket: ClientSocket = io(`${url}${LIVE_NAMESPACE}`, {
    transports: [transport],
    forceNew: true,
    auth: { protocol: PROTOCOL_VERSION, token: key },
    reconnectionDelay: 500,
    reconnectionDelayMax: 1_500,
    randomizationFactor: 0.5,
    timeout: 3_000,
  })
  const setbacks: string[] = []
  let trust: Trust = 'joining'
  let lostTrustAt = Number.NEGATIVE_INFINITY
  let hasJoined = false
  let isPaused = false
  let watch = 0
  let kept: Update[] | undefined
  let beatTimer: ReturnType<typeof setTimeout> | undefined
  let laterTimer: ReturnType<typeof setTimeout> | undefined

  function become(next: Trust): void {
    if (isTrusted({ trust }) && !isTrusted({ trust: next })) lostTrustAt = performance.now()
    trust = next
  }

  function expectBeat(patience = BEAT_TIMEOUT_MS): void {
    clearTimeout(beatTimer)
    beatTimer = setTimeout(() => {
      if (isTrusted({ trust })) become('stale')
      askSoon()
      expectBeat()
    }, patience)
  }

  function askSoon(): void {
    clearTimeout(laterTimer)
    laterTimer = setTimeout(
      () => {
        if (!kept && socket.connected) void ask()
      },
      300 + Math.random() * 1_200,
    )
  }

  async function ask(resume = hasJoined): Promise<void> {
    clearTimeout(laterTimer)
    const asked = ++watch
    const since = resume ? screen.position : undefined
    kept = []
    const result = await socket
      .timeout(since ? RESUME_TIMEOUT_MS : JOIN_TIMEOUT_MS)
      .emitWithAck('watch', { creator_id: creatorId, ...(since && { since }) })
      .catch(() => undefined)
    if (asked !== watch) return
    const updates = kept
    kept = undefined
    if (!result) {
      setbacks.push('no answer')
      // Nobody answers on this connection: the library opens another one.
      socket.io.engine?.close()
    } else if (!result.ok) {
      setbacks.push(result.error.code)
      askSoon()
    } else {
      screen.answer(result.value)
      hasJoined = true
      if (updates.length === MAX_KEPT_UPDATES || !updates.every(screen.update)) void ask()
      else if (trust !== 'stale') become('live')
      expectBeat()
    }
  }

  function missed(isOtherEpoch: boolean): void {
    if (trust === 'live') become('resyncing')
    if (!kept) void ask(!isOtherEpoch)
  }

  socket.on('connect', () => {
    become('joining')
    // The machine is still too slow for a new connection.
    if (isPaused) bytesOf(socket)?.pause()
    expectBeat()
    void ask()
  })
  socket.on('disconnect', (reason) => {
    watch++
    kept = undefined
    clearTimeout(beatTimer)
    clearTimeout(laterTimer)
    become('offline')
    // After the server's own goodbye the library does not reconnect automatically.
    if (reason === 'io server disconnect') reopenSoon()
  })
  socket.on('connect_error', ({ message }) => {
    setbacks.push(message)
    if (!socket.active) reopenSoon()
  })
  socket.on('update', (update) => {
    if (kept) {
      if (kept.length < MAX_KEPT_UPDATES) kept.push(update)
    } else if (!screen.update(update)) missed(update.epoch !== screen.position.epoch)
  })
  socket.on('head', ({ epoch, seq, age_ms }) => {
    if (kept) return
    if (epoch !== screen.position.epoch || seq < screen.position.seq) return missed(true)
    if (seq > screen.position.seq) return missed(false)
    become('live')
    expectBeat(Math.min(BEAT_TIMEOUT_MS, MAX_DOUBT_MS - age_ms))
  })

  function reopenSoon(): void {
    setTimeout(() => socket.connect(), 500 + Math.random() * 1_000).unref()
  }

  return {
    screen,
    socket,
    setbacks,
    get trust() {
      return trust
    },
    get lostTrustAt() {
      return lostTrustAt
    },
    get hasJoined() {
      return hasJoined
    },
    pause() {
      isPaused = true
      bytesOf(socket)?.pause()
    },
    resume() {
      isPaused = false
      bytesOf(socket)?.resume()
    },
    close() {
      watch++
      clearTimeout(beatTimer)
      clearTimeout(laterTimer)
      socket.off()
      socket.disconnect()
    },
  }
}

function bytesOf({ io }: ClientSocket): { pause(): void; resume(): void } | undefined {
  // Safe: in Node the WebSocket transport holds a socket of `ws`; none while it is closed.
  const transport = io.engine?.transport as unknown as
    | { ws?: { _socket?: { pause(): void; resume(): void } } }
    | undefined
  return transport?.ws?._socket
}
