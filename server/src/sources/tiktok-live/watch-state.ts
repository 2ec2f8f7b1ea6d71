import type { SourceState } from '@creatorflow/shared/sources'
import type { ConnectorProblem, Room } from './connector.ts'
import type { LiveEvent } from './normalise.ts'
import type { TikTokLiveProblem } from './problems.ts'
import { HOUR_MS } from './waits.ts'

export interface WatchSettings {
  /** Time between two checks whether a handle is on air. */
  readonly pollMs: number
  /** Time without any sign of life after which a LIVE is over. */
  readonly silenceMs: number
  readonly connectsPerHour: number
}

/** The LIVE on air, as far as we know. Times are epoch ms by this node's clock. */
export interface OpenLive {
  readonly room: Room
  /** When it was last active, or reported as on air. */
  readonly signAt: number
  /** When something was last received, initially when it was found. */
  readonly receivedAt: number
  /** Since when it cannot be seen; null while it can. */
  readonly lostAt: number | null
}

/** What must survive the node that holds the connection. */
export interface WatchMemory {
  readonly live: OpenLive | null
  readonly paused: boolean
  /** When connections were started within the last hour. */
  readonly connects: readonly number[]
  /** The room whose end was reported. */
  readonly ended: { readonly roomId: string; readonly at: number } | null
}

export interface WatchState extends WatchMemory {
  readonly phase: 'idle' | 'connecting' | 'receiving'
  /** A check is running, and there is no answer yet. */
  readonly looking: boolean
  /** When to check next; null while something running will answer. */
  readonly dueAt: number | null
  /** No connection is started before. */
  readonly notBefore: number
  readonly connectedAt: number | null
  /** Consecutive failed connections. */
  readonly failures: number
  /** Consecutive failed checks. */
  readonly misses: number
  readonly unreadable: number
  readonly problem: { readonly code: TikTokLiveProblem; readonly detail: string | null } | null
  /** No answer yet. */
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

/**
 * A watch that starts, or continues where another node stopped: what was open then was lost when it was last
 * received.
 */
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

/** The watch's status, for people; `retryAt` is the next try. */
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

/** What to keep for the next holder of the connection. */
export function memoryOf({ live, paused, connects, ended }: WatchState): WatchMemory {
  return { live, paused, connects, ended }
}

/** What does not pass without help. */
export function needsPerson(problem: TikTokLiveProblem): boolean {
  return problem === 'unknown_account' || problem === 'payment_required'
}

/** When the next connection may be started, by the budget and the sign server's requested wait. */
export function allowedAt(state: WatchState, settings: WatchSettings): number {
  // The one that has to be an hour old before the next.
  const oldest = state.connects.at(-settings.connectsPerHour)
  const budgetAt = state.connects.length >= settings.connectsPerHour ? (oldest ?? 0) + HOUR_MS : 0
  return Math.max(state.notBefore, budgetAt)
}

/** A LIVE that cannot be seen since its last message. */
export function lose(live: OpenLive): OpenLive {
  return live.lostAt === null ? { ...live, lostAt: live.receivedAt } : live
}
