import type { Room } from './connector.ts'
import { backoff, HOUR_MS, MINUTE_MS, type Moment, spread, waitAfter } from './waits.ts'
import { ended, gap, started } from './watch-events.ts'
import {
  allowedAt,
  type Failure,
  lose,
  needsPerson,
  type OpenLive,
  type Step,
  type WatchAction,
  type WatchInput,
  type WatchSettings,
  type WatchState,
} from './watch-state.ts'

/** A connection that held this long was good: the next failure is a first one. */
const STABLE_MS = MINUTE_MS
/** A room that ended is reported as on air for a while. */
const ECHO_MS = 10 * MINUTE_MS
/** So many unreadable messages in a row are not a coincidence. */
const UNREADABLE_IN_A_ROW = 20

/** What to do next, and what is then known. Inputs too late for their phase change nothing. */
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

/** Starts a connection if budget and the sign server allow it, else checks again later. */
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
  // A failed check does not affect an open connection.
  if (state.phase !== 'idle') return { ...over, state: { ...over.state, dueAt: at + poll } }
  const misses = state.misses + 1
  const isSeldom = needsPerson(failure.problem)
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
    live: { ...live, signAt: at, receivedAt: at },
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
  const notBefore =
    at + Math.max(failure.retryAfterMs ?? 0, waitAfter(failure.problem, failures, moment))
  return {
    ...idle,
    failures,
    live: lose(state.live),
    notBefore,
    // Checked meanwhile anyway: a LIVE reported as on air is not over.
    dueAt: state.looking ? null : Math.min(notBefore, at + poll),
    problem: { code: failure.problem, detail: failure.detail },
  }
}

/** A LIVE without activity for the silence time is over, at its last activity. */
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

function answered(state: WatchState): WatchState {
  const problem = state.misses > 0 ? null : state.problem
  return { ...state, looking: false, fresh: false, misses: 0, problem }
}

function stay(state: WatchState): Step {
  return { state, actions: [] }
}
