import type { SourceProblem, SourceState } from '@creatorflow/shared/sources'
import type { ConnectorProblem, Room } from './connector.ts'
import type { LiveEvent } from './normalise.ts'
import { ended, gap, started } from './watch-events.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const LONGEST_BACKOFF_MS = MINUTE_MS
/** What waits for a person or a plan is asked this seldom. */
const SELDOM_MS = 15 * MINUTE_MS
/** A connection that held this long was a good one: the next failure is a first one. */
const STABLE_MS = MINUTE_MS
/** A room that ended is told as on air for a while. */
const ECHO_MS = 10 * MINUTE_MS
/** So many messages in a row that nobody can read are no accident. */
const UNREADABLE_IN_A_ROW = 20

export interface WatchSettings {
  /** Time between two questions whether a handle is on air. */
  readonly pollMs: number
  /** Time without any sign of life after which a LIVE is over. */
  readonly silenceMs: number
  readonly connectsPerHour: number
}

/** The LIVE that is on air, as far as we know. Times are epoch ms by this node's clock. */
export interface OpenLive {
  readonly room: Room
  /** When something was last seen of it, or it was told as on air. */
  readonly signAt: number
  /** When something was last received, at first when it was found. */
  readonly receivedAt: number
  /** Since when it cannot be seen; null while it can. */
  readonly lostAt: number | null
}

/** What must survive the node that holds the connection. */
export interface WatchMemory {
  readonly live: OpenLive | null
  readonly paused: boolean
  /** When connections were begun within the last hour. */
  readonly connects: readonly number[]
  /** The room whose end was told. */
  readonly ended: { readonly roomId: string; readonly at: number } | null
}

export interface WatchState extends WatchMemory {
  readonly phase: 'idle' | 'connecting' | 'receiving'
  /** It was asked whether the handle is on air, and there is no answer yet. */
  readonly looking: boolean
  /** When to ask next; null while something is under way that answers by itself. */
  readonly dueAt: number | null
  /** No connection is begun before. */
  readonly notBefore: number
  readonly connectedAt: number | null
  /** Connections in a row that failed. */
  readonly failures: number
  /** Questions in a row that failed. */
  readonly misses: number
  readonly unreadable: number
  readonly problem: { readonly code: SourceProblem; readonly detail: string | null } | null
  /** Nothing was answered yet. */
  readonly fresh: boolean
}

interface Failure {
  readonly problem: ConnectorProblem | 'internal'
  readonly detail: string
  readonly retryAfterMs?: number | undefined
}

export type WatchInput =
  | { readonly kind: 'tick' }
  | { readonly kind: 'found'; readonly room: Room }
  | { readonly kind: 'offline' }
  | ({ readonly kind: 'look_failed' } & Failure)
  | { readonly kind: 'connected' }
  | { readonly kind: 'message'; readonly readable: boolean }
  | { readonly kind: 'paused' | 'resumed' | 'ended' }
  | ({ readonly kind: 'lost' } & Failure)

export type WatchAction =
  | { readonly kind: 'look' }
  | { readonly kind: 'connect'; readonly room: Room }
  | { readonly kind: 'disconnect' }
  | { readonly kind: 'event'; readonly event: LiveEvent }

export interface Step {
  readonly state: WatchState
  readonly actions: readonly WatchAction[]
}

/** What a step may know of the world: the time, and a number from 0 to 1 that spreads what many do at once. */
export interface Moment {
  readonly at: number
  readonly random: number
}

const nothingKnown: WatchMemory = { live: null, paused: false, connects: [], ended: null }

/** A watch that begins, or goes on where another node stopped: what was open then was lost when it was last received. */
export function beginWatch(at: number, memory: WatchMemory = nothingKnown): WatchState {
  return {
    ...memory,
    live: memory.live && lose(memory.live),
    phase: 'idle',
    looking: false,
    dueAt: at,
    notBefore: 0,
    connectedAt: null,
    failures: 0,
    misses: 0,
    unreadable: 0,
    problem: null,
    fresh: true,
  }
}

/** What to do next, and what is then known. Inputs that come too late for their phase change nothing. */
export function step(
  state: WatchState,
  input: WatchInput,
  moment: Moment,
  settings: WatchSettings,
): Step {
  const { at } = moment
  switch (input.kind) {
    case 'tick':
      if (state.dueAt === null || at < state.dueAt || state.looking) return stay(state)
      return { state: { ...state, looking: true, dueAt: null }, actions: [{ kind: 'look' }] }
    case 'found':
      return state.looking ? found(answered(state), input.room, moment, settings) : stay(state)
    case 'offline':
      return state.looking ? offline(answered(state), moment, settings) : stay(state)
    case 'look_failed':
      return state.looking ? lookFailed(state, input, moment, settings) : stay(state)
    case 'connected':
      return state.phase === 'connecting' ? connected(state, at, settings) : stay(state)
    case 'message':
      return state.phase === 'receiving'
        ? stay(received(state, input.readable, at, settings))
        : stay(state)
    case 'paused':
    case 'resumed':
      return stay(
        state.phase === 'receiving' && state.live
          ? { ...state, paused: input.kind === 'paused' }
          : state,
      )
    case 'ended': {
      if (state.phase !== 'receiving' || !state.live) return stay(state)
      const over = { roomId: state.live.room.id, at }
      return {
        state: { ...state, live: null, paused: false, ended: over },
        actions: [{ kind: 'disconnect' }],
      }
    }
    case 'lost':
      return state.phase === 'idle' ? stay(state) : stay(lost(state, input, moment, settings))
  }
}

/** How the watch does, for people; `retryAt` is when it is tried again. */
export function shown(
  state: WatchState,
  settings: WatchSettings,
): { state: SourceState; problem: WatchState['problem']; retryAt: number | null } {
  const { problem, live, dueAt } = state
  if (state.phase === 'receiving') {
    return { state: state.paused ? 'paused' : 'receiving', problem, retryAt: null }
  }
  const needsYou = problem !== null && seldom.has(problem.code)
  const isTrouble = problem !== null || (live !== null && live.lostAt !== null)
  if (!needsYou && !isTrouble) {
    const begins = state.fresh || state.phase === 'connecting'
    return { state: begins ? 'starting' : 'waiting', problem, retryAt: null }
  }
  const next = live && dueAt !== null ? Math.max(dueAt, allowedAt(state, settings)) : dueAt
  return { state: needsYou ? 'needs_you' : 'retrying', problem, retryAt: next }
}

/** What to keep for whoever holds the connection next. */
export function memoryOf({ live, paused, connects, ended }: WatchState): WatchMemory {
  return { live, paused, connects, ended }
}

const seldom: ReadonlySet<SourceProblem> = new Set(['unknown_account', 'payment_required'])

function found(state: WatchState, room: Room, moment: Moment, settings: WatchSettings): Step {
  const { at } = moment
  const { ended: over } = state
  if (over?.roomId === room.id && at < over.at + ECHO_MS) return offline(state, moment, settings)
  const actions: WatchAction[] = []
  let next = state
  if (next.live && next.live.room.id !== room.id) {
    actions.push(...farewell(next.live))
    if (next.phase !== 'idle') actions.push({ kind: 'disconnect' })
    next = { ...next, live: null, paused: false }
  }
  if (next.live) next = { ...next, live: { ...next.live, signAt: at } }
  else {
    actions.push({ kind: 'event', event: started(room, at) })
    next = { ...next, live: { room, signAt: at, receivedAt: at, lostAt: null } }
  }
  if (next.phase !== 'idle') {
    return { state: { ...next, dueAt: at + settings.silenceMs }, actions }
  }
  const attempt = connect(next, moment, settings)
  return { state: attempt.state, actions: [...actions, ...attempt.actions] }
}

/** Begins a connection where budget and the sign server allow it, else looks again in time. */
function connect(state: WatchState, moment: Moment, settings: WatchSettings): Step {
  const { at } = moment
  const { live } = state
  if (!live) return stay(state)
  const connects = state.connects.filter((begun) => begun > at - HOUR_MS)
  const isSpent = connects.length >= settings.connectsPerHour
  const allowed = allowedAt({ ...state, connects }, settings)
  if (allowed > at) {
    const problem = isSpent
      ? ({ code: 'connect_budget', detail: state.problem?.detail ?? null } as const)
      : state.problem
    const dueAt = Math.min(allowed, at + spread(settings.pollMs, moment))
    return stay({ ...state, connects, problem, live: lose(live), dueAt })
  }
  return {
    state: { ...state, connects: [...connects, at], phase: 'connecting', dueAt: null },
    actions: [{ kind: 'connect', room: live.room }],
  }
}

function allowedAt(state: WatchState, settings: WatchSettings): number {
  // The one that has to be an hour old before the next.
  const oldest = state.connects.at(-settings.connectsPerHour)
  const budgetAt = state.connects.length >= settings.connectsPerHour ? (oldest ?? 0) + HOUR_MS : 0
  return Math.max(state.notBefore, budgetAt)
}

function offline(state: WatchState, moment: Moment, settings: WatchSettings): Step {
  const { at } = moment
  const over = endIfSilent(state, at, settings)
  const { live } = over.state
  const dueAt = at + spread(settings.pollMs, moment)
  if (over.state.phase !== 'idle') return { ...over, state: { ...over.state, dueAt } }
  const next = live
    ? { dueAt: Math.min(dueAt, live.signAt + settings.silenceMs) }
    : { dueAt, problem: null, failures: 0 }
  return { ...over, state: { ...over.state, ...next } }
}

function lookFailed(
  state: WatchState,
  failure: Failure,
  moment: Moment,
  settings: WatchSettings,
): Step {
  const { at } = moment
  const over = endIfSilent({ ...state, looking: false, fresh: false }, at, settings)
  const poll = spread(settings.pollMs, moment)
  // A connection that stands is no worse for a question that failed.
  if (state.phase !== 'idle') return { ...over, state: { ...over.state, dueAt: at + poll } }
  const misses = state.misses + 1
  const isSeldom = seldom.has(failure.problem)
  const wait = over.state.live
    ? backoff(misses, moment)
    : isSeldom
      ? Math.max(poll, 5 * MINUTE_MS)
      : poll
  return {
    ...over,
    state: {
      ...over.state,
      misses,
      problem: { code: failure.problem, detail: failure.detail },
      dueAt: at + Math.max(wait, failure.retryAfterMs ?? 0),
    },
  }
}

function connected(state: WatchState, at: number, settings: WatchSettings): Step {
  const { live } = state
  if (!live) return stay(state)
  const { lostAt } = live
  const back: OpenLive = { ...live, lostAt: null, signAt: at, receivedAt: at }
  const actions: WatchAction[] =
    lostAt === null || lostAt >= at ? [] : [{ kind: 'event', event: gap(live.room.id, lostAt, at) }]
  return {
    state: {
      ...state,
      phase: 'receiving',
      connectedAt: at,
      live: back,
      unreadable: 0,
      dueAt: at + settings.silenceMs,
    },
    actions,
  }
}

function received(
  state: WatchState,
  readable: boolean,
  at: number,
  settings: WatchSettings,
): WatchState {
  const { live } = state
  if (!live) return state
  const isStable = at - (state.connectedAt ?? at) >= STABLE_MS
  const unreadable = readable ? 0 : state.unreadable + 1
  const isWell = readable && (isStable || state.failures <= 1)
  const problem =
    unreadable >= UNREADABLE_IN_A_ROW
      ? ({ code: 'unreadable', detail: null } as const)
      : isWell
        ? null
        : state.problem
  return {
    ...state,
    live: { ...live, signAt: at },
    unreadable,
    problem,
    failures: isStable ? 0 : state.failures,
    dueAt: state.looking ? null : at + settings.silenceMs,
  }
}

function lost(
  state: WatchState,
  failure: Failure,
  moment: Moment,
  settings: WatchSettings,
): WatchState {
  const { at } = moment
  const idle = { ...state, phase: 'idle', connectedAt: null } as const
  const poll = spread(settings.pollMs, moment)
  if (!state.live) {
    const dueAt = state.looking ? null : at + poll
    return { ...idle, failures: 0, problem: null, dueAt }
  }
  const isFirst = state.connectedAt !== null && at - state.connectedAt >= STABLE_MS
  const failures = isFirst ? 1 : state.failures + 1
  const notBefore = at + Math.max(failure.retryAfterMs ?? 0, waitAfter(failure, failures, moment))
  return {
    ...idle,
    failures,
    live: lose(state.live),
    notBefore,
    // Asked meanwhile all the same: a LIVE that is told as on air is not over.
    dueAt: state.looking ? null : Math.min(notBefore, at + poll),
    problem: { code: failure.problem, detail: failure.detail },
  }
}

function waitAfter({ problem }: Failure, failures: number, moment: Moment): number {
  if (problem === 'payment_required') return SELDOM_MS
  if (problem !== 'rate_limited') return backoff(failures, moment)
  return Math.min(SELDOM_MS, MINUTE_MS * 2 ** Math.min(failures - 1, 10)) * (1 + moment.random / 4)
}

/** A LIVE of which nothing was seen for the time of silence is over, at the last that was seen of it. */
function endIfSilent(state: WatchState, at: number, settings: WatchSettings): Step {
  const { live } = state
  if (!live || at < live.signAt + settings.silenceMs) return stay(state)
  const hangUp: WatchAction[] = state.phase === 'idle' ? [] : [{ kind: 'disconnect' }]
  return {
    state: { ...state, live: null, paused: false },
    actions: [...farewell(live), ...hangUp],
  }
}

function farewell({ room, lostAt, signAt }: OpenLive): WatchAction[] {
  const end: WatchAction = { kind: 'event', event: ended(room.id, signAt) }
  if (lostAt === null || lostAt >= signAt) return [end]
  return [{ kind: 'event', event: gap(room.id, lostAt, signAt) }, end]
}

function lose(live: OpenLive): OpenLive {
  return live.lostAt === null ? { ...live, lostAt: live.receivedAt } : live
}

function answered(state: WatchState): WatchState {
  const problem = state.misses > 0 ? null : state.problem
  return { ...state, looking: false, fresh: false, misses: 0, problem }
}

/** Doubles with each failure and is spread, so that many that were lost at once do not come back at once. */
function backoff(failures: number, { random }: Moment): number {
  const full = Math.min(LONGEST_BACKOFF_MS, SECOND_MS * 2 ** Math.min(failures - 1, 10))
  return Math.round(full * (0.5 + random / 2))
}

function spread(ms: number, { random }: Moment): number {
  return Math.round(ms * (0.9 + random / 5))
}

function stay(state: WatchState): Step {
  return { state, actions: [] }
}
