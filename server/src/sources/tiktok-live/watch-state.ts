import type { SourceState } from '@creatorflow/shared/sources'
import type { ConnectorProblem, Room } from './connector.ts'
import type { LiveEvent } from './normalise.ts'
import type { TikTokLiveProblem } from './problems.ts'
import { HOUR_MS } from './waits.ts'

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
  readonly problem: { readonly code: TikTokLiveProblem; readonly detail: string | null } | null
  /** Nothing was answered yet. */
  readonly fresh: boolean
}

export interface Failure {
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

/** How the watch does, for people; `retryAt` is when it is tried again. */
export function shown(
  state: WatchState,
  settings: WatchSettings,
): { state: SourceState; problem: WatchState['problem']; retryAt: number | null } {
  const { problem, live, dueAt } = state
  if (state.phase === 'receiving') {
    return { state: state.paused ? 'paused' : 'receiving', problem, retryAt: null }
  }
  const needsYou = problem !== null && needsPerson(problem.code)
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

/** What does not pass by itself. */
export function needsPerson(problem: TikTokLiveProblem): boolean {
  return problem === 'unknown_account' || problem === 'payment_required'
}

/** When the next connection may be begun, by the budget and by what the sign server asked for. */
export function allowedAt(state: WatchState, settings: WatchSettings): number {
  // The one that has to be an hour old before the next.
  const oldest = state.connects.at(-settings.connectsPerHour)
  const budgetAt = state.connects.length >= settings.connectsPerHour ? (oldest ?? 0) + HOUR_MS : 0
  return Math.max(state.notBefore, budgetAt)
}

/** A LIVE that cannot be seen since the last of it was received. */
export function lose(live: OpenLive): OpenLive {
  return live.lostAt === null ? { ...live, lostAt: live.receivedAt } : live
}
