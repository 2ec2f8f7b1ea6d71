import type { Creator } from '@creatorflow/shared/creator'
import type { Failure, Result } from '@creatorflow/shared/errors'
import type { LiveSnapshot } from '@creatorflow/shared/live-state'
import { type ConfirmedRecount, recountIn } from '@creatorflow/shared/recounting'
import type {
  AlertsHeard,
  Head,
  Requests,
  SourcesHeard,
  Status,
  Update,
  WatchReply,
} from '@creatorflow/shared/socket'
import {
  advance,
  BEAT_TIMEOUT_MS,
  type Command,
  type Connection,
  type ConnectionEvent,
  initialConnection,
  patienceMs,
} from './connection-state.ts'
import { createFeed, type Verdict } from './feed.ts'
import { type LiveSocket, openSocket } from './open-socket.ts'
import { ServerClock } from './server-clock.svelte.ts'

/** What the page draws: a creator's state and its position in the log. */
export interface LiveView {
  readonly creator: Creator
  readonly epoch: string
  readonly seq: number
  readonly snapshot: LiveSnapshot
}

/** The first answer may be a whole snapshot; a screen that already has one detects a dead connection sooner. */
const JOIN_TIMEOUT_MS = 5_000
const RESUME_TIMEOUT_MS = 2_000
/** News of alerts that are kept until the page told them. */
const MAX_NEWS = 100
const FINAL_CODES: ReadonlySet<string> = new Set([
  'unauthorized',
  'forbidden',
  'not_found',
  'invalid_input',
  'protocol_mismatch',
])

const eventOf: Readonly<Record<Verdict, ConnectionEvent | null>> = {
  applied: 'update',
  current: null,
  waiting: null,
  gap: 'gap',
  epoch_changed: 'epoch_changed',
  live_changed: 'live_changed',
}

/** Follows one creator until closed; the page reads its fields. */
export class LiveConnection {
  connection = $state.raw<Connection>(initialConnection)
  view = $state.raw<LiveView | null>(null)
  /** Status of the creator's sources; null until the server sends it. */
  sources = $state.raw<SourcesHeard | null>(null)
  /** Alerts that are on, and the latest news of them; null until the server sends it. */
  alerts = $state.raw<AlertsHeard | null>(null)
  /** Whether numbers are being recounted, and the progress. */
  recounting = $state.raw<ConfirmedRecount | null>(null)
  /** The server's message about numbers it cannot show now; null while it can. */
  notice = $state.raw<string | null>(null)
  /** Why the server refused; null if it has not. */
  refusal = $state.raw<{ code: string; message: string } | null>(null)
  /** The chosen LIVE; null follows the latest. */
  chosen = $state<string | null>(null)

  readonly clock = new ServerClock(() => this.#wake())

  readonly #creatorId: string
  readonly #socket: LiveSocket
  readonly #feed = createFeed()
  readonly #listening = new AbortController()
  /** Only the answer to the newest watch counts. */
  #watch = 0
  #isAwaiting = false
  #frame: number | undefined
  #beatTimer: ReturnType<typeof setTimeout> | undefined
  #watchTimer: ReturnType<typeof setTimeout> | undefined
  #reopenTimer: ReturnType<typeof setTimeout> | undefined

  constructor(creatorId: string, socket: LiveSocket = openSocket()) {
    this.#creatorId = creatorId
    this.#socket = socket
    socket.on('connect', () => this.#happened('connected'))
    socket.on('disconnect', (reason) => {
      this.#happened('disconnected')
      // After its own goodbye the library does not reconnect automatically.
      if (reason === 'io server disconnect') this.#reopenSoon()
    })
    socket.on('connect_error', (error) => this.#couldNotConnect(error))
    socket.on('update', (update) => this.#onUpdate(update))
    socket.on('head', (head) => this.#onHead(head))
    socket.on('sources', (heard) => {
      if (heard.creator_id === creatorId) this.sources = heard
    })
    socket.on('alerts', (heard) => {
      if (heard.creator_id !== creatorId) return
      // Two messages may come before the page draws: news stays for a while, told apart by its id.
      const news = [...(this.alerts?.news ?? []), ...heard.news].slice(-MAX_NEWS)
      this.alerts = { ...heard, news }
    })
    socket.on('status', (status) => this.#onStatus(status))
    const { signal } = this.#listening
    globalThis.addEventListener?.('online', () => this.#wake(), { signal })
    globalThis.document?.addEventListener(
      'visibilitychange',
      () => {
        if (document.visibilityState === 'visible') this.#wake()
      },
      { signal },
    )
  }

  /** Holds this LIVE in full; null returns to the latest one. */
  choose(sessionId: string | null): void {
    if (sessionId === this.chosen) return
    this.chosen = sessionId
    this.#happened('live_changed')
  }

  /** Retries once after a refusal. */
  retry(): void {
    this.refusal = null
    this.#socket.connect()
  }

  close(): void {
    this.#listening.abort()
    this.clock.stop()
    clearTimeout(this.#beatTimer)
    this.#cancelWatchTimer()
    clearTimeout(this.#reopenTimer)
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#watch += 1
    this.#socket.off()
    this.#socket.disconnect()
  }

  #happened(event: ConnectionEvent, patience = BEAT_TIMEOUT_MS): void {
    const { connection, command } = advance(this.connection, event, this.clock.read())
    this.connection = connection
    if (
      event === 'connected' ||
      event === 'joined' ||
      event === 'head' ||
      event === 'beat_missed'
    ) {
      clearTimeout(this.#beatTimer)
      this.#beatTimer = setTimeout(() => this.#happened('beat_missed'), patience)
    }
    if (event === 'disconnected' || event === 'refused') {
      clearTimeout(this.#beatTimer)
      this.#cancelWatchTimer()
      this.#watch += 1
      this.#isAwaiting = false
      this.#feed.forget()
      this.clock.forget()
    }
    this.#obey(command)
  }

  #obey(command: Command): void {
    switch (command) {
      case 'none':
        return
      case 'watch':
        // Asking again would drop the pending watch, and the fact that nobody answers it.
        if (!this.#isAwaiting) void this.#ask(true)
        return
      case 'watch_afresh':
        void this.#ask(false)
        return
      case 'watch_soon':
        if (this.#isAwaiting || this.#watchTimer !== undefined) return
        // Randomized: a thousand screens lose the same server at the same moment.
        this.#watchTimer = setTimeout(() => this.#obey('watch'), 300 + Math.random() * 1_200)
        return
      case 'reconnect':
        // Closes the engine, not the socket: the library then backs off and reconnects.
        this.#socket.io.engine?.close()
        return
      case 'close':
        this.#socket.disconnect()
    }
  }

  async #ask(resume: boolean): Promise<void> {
    this.#cancelWatchTimer()
    this.#watch += 1
    this.#isAwaiting = true
    const watch = this.#watch
    const since = resume ? this.#feed.since(this.chosen) : undefined
    const request: Requests['watch'] = {
      creator_id: this.#creatorId,
      ...(this.chosen !== null && { session_id: this.chosen }),
      ...(since && { since }),
    }
    this.#feed.ask()
    let result: Result<WatchReply>
    try {
      result = await this.#socket

        .timeout(since ? RESUME_TIMEOUT_MS : JOIN_TIMEOUT_MS)
        .emitWithAck('watch', request)
    } catch {
      // The only rejection is the timeout.
      if (watch !== this.#watch) return
      this.#isAwaiting = false
      this.#feed.forget()
      this.#happened('unanswered')
      return
    }
    if (watch !== this.#watch) return
    this.#isAwaiting = false
    if (result.ok) this.#joined(result.value)
    else this.#watchFailed(result.error)
  }

  #cancelWatchTimer(): void {
    clearTimeout(this.#watchTimer)
    this.#watchTimer = undefined
  }

  #joined(reply: WatchReply): void {
    this.clock.heard(reply.at)
    this.notice = null
    const verdict = this.#feed.answer(reply, this.chosen === null)
    this.#publish()
    if (verdict === 'applied' || verdict === 'live_changed') this.#happened('joined')
    const event = eventOf[verdict]
    if (event) this.#happened(event)
    // The kept updates did not fit, and in these states nothing else asks again.
    const { state } = this.connection
    if (verdict === 'gap' && (state === 'joining' || state === 'resyncing')) this.#obey('watch')
    if (verdict === 'epoch_changed' && state === 'joining') this.#obey('watch_afresh')
  }

  #watchFailed(failure: Failure): void {
    this.#feed.forget()
    this.notice = failure.code === 'update_needed' ? failure.message : null
    if (failure.code === 'not_live' && this.chosen !== null) {
      this.choose(null)
      return
    }
    if (FINAL_CODES.has(failure.code)) this.#refused(failure)
    else this.#happened('failed')
  }

  #onUpdate(update: Update): void {
    if (update.creator_id !== this.#creatorId) return
    this.clock.heard(update.at)
    this.#noticeSilence()
    const verdict = this.#feed.update(update, this.chosen === null)
    if (verdict === 'applied' || verdict === 'live_changed') this.#publish()
    const event = eventOf[verdict]
    if (event) this.#happened(event)
  }

  #onHead(head: Head): void {
    if (head.creator_id !== this.#creatorId) return
    this.clock.heard(head.at)
    this.recounting = recountIn(head)
    // A skipped slow screen gets no heads.
    this.notice = null
    this.#noticeSilence()
    const verdict = this.#feed.head(head)
    const event = verdict === 'current' ? 'head' : eventOf[verdict]
    const late = Math.max(0, this.clock.read() - head.at)
    const patience = patienceMs(head.age_ms + late)
    // Messages that waited while the tab slept describe the past.
    if (event === 'head' && patience === 0) return
    if (event) this.#happened(event, patience)
  }

  #onStatus(status: Status): void {
    if (!status.retry) this.#refused({ code: status.code, message: status.message })
    else if (status.code === 'slow') this.notice = status.message
  }

  #couldNotConnect(error: Error & { data?: Partial<Failure> }): void {
    const code = error.data?.code ?? error.message
    if (FINAL_CODES.has(code)) {
      this.#refused({ code, message: error.data?.message ?? error.message })
      return
    }
    this.#happened('disconnected')
    // Temporarily refused by the namespace: the library reconnects only after a transport failure.
    if (!this.#socket.active) this.#reopenSoon()
  }

  #refused(refusal: { code: string; message: string }): void {
    this.refusal = refusal
    this.#happened('refused')
  }

  #reopenSoon(): void {
    clearTimeout(this.#reopenTimer)
    this.#reopenTimer = setTimeout(
      () => {
        if (this.connection.state !== 'refused') this.#socket.connect()
      },
      500 + Math.random() * 1_000,
    )
  }

  #wake(): void {
    this.#noticeSilence()
    this.#happened('wake')
  }

  /** Timers of a hidden or sleeping tab are late: its numbers may already be old. */
  #noticeSilence(): void {
    const { exactAt } = this.connection
    if (exactAt !== null && this.clock.read() - exactAt > BEAT_TIMEOUT_MS)
      this.#happened('beat_missed')
  }

  #publish(): void {
    // The first numbers do not wait for the next frame.
    if (this.view === null) this.view = this.#feed.held
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined
      const { held } = this.#feed
      if (held) this.view = held
    })
  }
}
