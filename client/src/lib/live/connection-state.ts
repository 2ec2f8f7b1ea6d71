/*
 *   connecting ──connected──▶ joining ──joined──▶ live ──gap, wake──▶ resyncing ──joined──▶ live
 *       ▲                        ▲                 │                      │
 *   (start)                  connected         beat_missed           beat_missed
 *                                │                 ▼                      ▼
 *   any ──disconnected──▶     offline            stale ◀──────────────────┘ ──head──▶ live
 *   any ──refused──▶ refused (stays until the page connects anew)
 */

/**
 * `connecting`: no contact yet. `joining`: the socket is open, the state is not proven. `live`: exact.
 * `resyncing`: exact a moment ago, asking for what it missed. `stale`: no proof for too long. `offline`: the
 * socket is closed and retrying. `refused`: the server said no; retrying is useless.
 */
export const states = [
  'connecting',
  'joining',
  'live',
  'resyncing',
  'stale',
  'offline',
  'refused',
] as const
export type State = (typeof states)[number]

export const connectionEvents = [
  /** The socket opened. */
  'connected',
  /** The socket closed, or could not be opened. */
  'disconnected',
  /** A watch was answered and applied. */
  'joined',
  /** A watch was answered with a transient failure. */
  'failed',
  /** A watch was not answered in time. */
  'unanswered',
  /** An update that fits was applied. */
  'update',
  /** A head says that nothing is missing. */
  'head',
  /** An update or a head says that something is missing. */
  'gap',
  /** An update or a head is of another epoch. */
  'epoch_changed',
  /** Another LIVE is to be held in full: a newer one started, or one was chosen. */
  'live_changed',
  /** No head for `BEAT_TIMEOUT_MS`. */
  'beat_missed',
  /** The tab is visible again, the network is back, or the clock jumped after sleep. */
  'wake',
  /** The server refused for good. */
  'refused',
] as const
export type ConnectionEvent = (typeof connectionEvents)[number]

/** What the owner of the socket does on a transition. `watch` resumes, `watch_afresh` drops the current state. */
export type Command = 'none' | 'watch' | 'watch_afresh' | 'watch_soon' | 'reconnect' | 'close'

export interface Transition {
  readonly to: State
  readonly command: Command
}

const go = (to: State, command: Command = 'none'): Transition => ({ to, command })

/** Every event in every state: a missing pair does not compile. */
export const transitions: Readonly<Record<State, Readonly<Record<ConnectionEvent, Transition>>>> = {
  connecting: {
    connected: go('joining', 'watch'),
    disconnected: go('offline'),
    joined: go('connecting'),
    failed: go('connecting'),
    unanswered: go('connecting'),
    update: go('connecting'),
    head: go('connecting'),
    gap: go('connecting'),
    epoch_changed: go('connecting'),
    live_changed: go('connecting'),
    beat_missed: go('connecting'),
    wake: go('connecting'),
    refused: go('refused', 'close'),
  },
  joining: {
    connected: go('joining', 'watch'),
    disconnected: go('offline'),
    joined: go('live'),
    failed: go('joining', 'watch_soon'),
    unanswered: go('joining', 'reconnect'),
    update: go('joining'),
    head: go('joining'),
    gap: go('joining'),
    epoch_changed: go('joining'),
    live_changed: go('joining', 'watch_afresh'),
    beat_missed: go('joining'),
    wake: go('joining'),
    refused: go('refused', 'close'),
  },
  live: {
    connected: go('joining', 'watch'),
    disconnected: go('offline'),
    joined: go('live'),
    failed: go('live', 'watch_soon'),
    unanswered: go('live', 'reconnect'),
    update: go('live'),
    head: go('live'),
    gap: go('resyncing', 'watch'),
    epoch_changed: go('resyncing', 'watch_afresh'),
    live_changed: go('resyncing', 'watch_afresh'),
    beat_missed: go('stale', 'watch_soon'),
    wake: go('resyncing', 'watch'),
    refused: go('refused', 'close'),
  },
  resyncing: {
    connected: go('joining', 'watch'),
    disconnected: go('offline'),
    joined: go('live'),
    failed: go('resyncing', 'watch_soon'),
    unanswered: go('stale', 'reconnect'),
    update: go('resyncing'),
    head: go('live'),
    gap: go('resyncing'),
    epoch_changed: go('resyncing', 'watch_afresh'),
    live_changed: go('resyncing', 'watch_afresh'),
    beat_missed: go('stale'),
    wake: go('resyncing'),
    refused: go('refused', 'close'),
  },
  stale: {
    connected: go('joining', 'watch'),
    disconnected: go('offline'),
    // Only a head is proof: an answer may come from a node that cannot know either.
    joined: go('stale'),
    failed: go('stale', 'watch_soon'),
    unanswered: go('stale', 'reconnect'),
    update: go('stale'),
    head: go('live'),
    gap: go('stale', 'watch'),
    epoch_changed: go('stale', 'watch_afresh'),
    live_changed: go('stale', 'watch_afresh'),
    beat_missed: go('stale', 'watch_soon'),
    wake: go('stale', 'watch'),
    refused: go('refused', 'close'),
  },
  offline: {
    connected: go('joining', 'watch'),
    disconnected: go('offline'),
    joined: go('offline'),
    failed: go('offline'),
    unanswered: go('offline'),
    update: go('offline'),
    head: go('offline'),
    gap: go('offline'),
    epoch_changed: go('offline'),
    live_changed: go('offline'),
    beat_missed: go('offline'),
    wake: go('offline'),
    refused: go('refused', 'close'),
  },
  refused: {
    connected: go('joining', 'watch'),
    disconnected: go('refused'),
    joined: go('refused'),
    failed: go('refused'),
    unanswered: go('refused'),
    update: go('refused'),
    head: go('refused'),
    gap: go('refused'),
    epoch_changed: go('refused'),
    live_changed: go('refused'),
    beat_missed: go('refused'),
    wake: go('refused'),
    refused: go('refused'),
  },
}

/** Heads come every 500 ms: three missed ones are silence. */
export const BEAT_TIMEOUT_MS = 1_500
/** How long a screen may be outdated before it says so. */
const MAX_DOUBT_MS = 1_900

/** How long to wait for the next head after one that was confirmed `ageMs` before it was sent. */
export function patienceMs(ageMs: number): number {
  return Math.min(BEAT_TIMEOUT_MS, Math.max(0, MAX_DOUBT_MS - ageMs))
}

export interface Connection {
  readonly state: State
  /** Epoch ms up to which the screen is known to have been exact; null if never. */
  readonly exactAt: number | null
}

export const initialConnection: Connection = { state: 'connecting', exactAt: null }

/** The next state and its action. */
export function advance(
  connection: Connection,
  event: ConnectionEvent,
  now: number,
): { readonly connection: Connection; readonly command: Command } {
  const { to, command } = transitions[connection.state][event]
  const proven = to === 'live' && (event === 'joined' || event === 'head')
  const exactAt = proven ? now : connection.exactAt
  if (to === connection.state && exactAt === connection.exactAt) return { connection, command }
  return { connection: { state: to, exactAt }, command }
}

/** Whether the screen's numbers may be drawn in the color of live data. */
export function isTrusted(state: State): boolean {
  return state === 'live' || state === 'resyncing'
}
