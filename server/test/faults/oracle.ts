import { isDeepStrictEqual } from 'node:util'
import type { Database } from '@creatorflow/db/database'
import { fold } from '@creatorflow/shared/fold'
import {
  emptyState,
  type LiveSnapshot,
  type LiveState,
  snapshotOf,
} from '@creatorflow/shared/live-state'
import { type EventRow, numbered } from '../../src/eventlog/event-row.ts'
import { logOf } from '../log-rows.ts'
import { type Ledger, SESSION } from './sender.ts'

/** What one screen showed at a moment when it claimed to be live. */
export interface Sighting {
  readonly screen: number
  readonly seq: number
  readonly snapshot: LiveSnapshot
}

export interface Verdict {
  readonly acked: number
  readonly inDb: number
  /** Acknowledged, but not in the log. */
  readonly lost: number
  /** In the log more often than once. */
  readonly twice: number
  /** In the log, but in no ledger. */
  readonly unknown: number
  /** Screens that showed, at any sighting, something other than the log up to their position. */
  readonly wrongScreens: number
}

/** Compares the log and everything screens showed with the senders' ledgers, to the cent. */
export async function judge(
  database: Database,
  creatorId: string,
  ledgers: readonly Ledger[],
  sightings: readonly Sighting[],
): Promise<Verdict> {
  const log = await logOf(database, creatorId)
  const truth: Ledger = new Map(ledgers.flatMap((ledger) => [...ledger]))
  const ids = new Set(log.map(({ id }) => id))
  if (!log.every(({ seq }, index) => seq === index + 1)) throw new Error('the log has a hole')
  return {
    acked: truth.size,
    inDb: log.length,
    lost: [...truth.keys()].filter((id) => !ids.has(id)).length,
    twice: log.length - ids.size,
    unknown: [...ids].filter((id) => !truth.has(id)).length,
    wrongScreens: wrongScreens(log, truth, sightings),
  }
}

function wrongScreens(log: readonly EventRow[], truth: Ledger, sightings: readonly Sighting[]) {
  const wrong = new Set<number>()
  const state = emptyState()
  let gmv = 0
  let at = overTheWire(state, null)
  for (const { screen, seq, snapshot } of sightings.toSorted((a, b) => a.seq - b.seq)) {
    const events = log.slice(state.seq, seq)
    fold(state, events.map(numbered))
    for (const { id } of events) gmv += truth.get(id)?.amount ?? 0
    const shown = snapshot.lives[SESSION]?.totals.gmv ?? 0
    if (at.seq !== seq || at.whole !== snapshot.whole) at = overTheWire(state, snapshot.whole)
    // A client keeps its position apart from the state: the state's own is that of its last snapshot.
    const isSame = isDeepStrictEqual({ ...snapshot, seq }, at)
    if (shown !== gmv || !isSame) wrong.add(screen)
  }
  return wrong.size
}

function overTheWire(state: LiveState, whole: string | null): LiveSnapshot {
  return JSON.parse(JSON.stringify(snapshotOf(state, whole)))
}
