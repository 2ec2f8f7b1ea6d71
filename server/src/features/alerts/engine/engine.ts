import type { Database } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import { evaluate, type Held, keyOf, type Outcome } from '@creatorflow/shared/alerts/evaluate'
import { differsBeyondPeak } from '@creatorflow/shared/alerts/step'
import { livesOnAir, OLD_EVENT_MS } from '@creatorflow/shared/alerts/view'
import type { Sight } from '../../../core/watch.ts'
import { commitMoves, type Move } from '../states/commit.ts'
import {
  byRule,
  type StoredRule,
  selectEnabled,
  selectSeenLive,
  selectStates,
} from '../states/read.ts'
import type { Known } from './known.ts'

/** A state as this process has it; `version` is the one in the database. */
interface Kept {
  readonly held: Held
  readonly version: number
  /** When it was stored, by the database's time. */
  readonly storedAt: number
  /** It has moved since then, in ways that may wait. */
  readonly isDirty: boolean
}

interface Loaded {
  readonly revision: number
  readonly rules: readonly StoredRule[]
  readonly kept: ReadonlyMap<string, Map<string, Kept>>
  /** LIVEs that were seen live. */
  readonly seen: Set<string>
}

export interface EngineDeps {
  readonly database: Database
  /** What rules need beside the live state, as known at a moment. */
  readonly known: (now: number) => Known
  /** The database's time; undefined while it is not known. */
  readonly now: () => number | undefined
  readonly maxSubjects: number
  /** Something is in the outbox. */
  readonly told: (creatorId: string) => void
}

/** Peaks and what measuring remembers are stored so often: a crash may lose that much of them. */
const STORE_EVERY_MS = 15_000

/** The rules of one creator, looked at again and again. Everything that matters is in the database: a successor goes on from there. */
export interface Engine {
  /** One look. `revision` is the one of the creator's rules. */
  look(sight: Sight, revision: number): void | Promise<void>
}

export function createEngine(tenant: Tenant, deps: EngineDeps): Engine {
  const { database, known, maxSubjects, told } = deps
  let loaded: Loaded | undefined
  /** Time of the newest event of looks that only read; what they covered is part of the next one. */
  let unseen: number | null = null

  async function load(revision: number, now: number): Promise<void> {
    const rules = await selectEnabled(database, tenant)
    const states = byRule(await selectStates(database, tenant))
    const seen = loaded?.seen ?? new Set(await selectSeenLive(database, tenant))
    const kept = rules.map(({ rule }): [string, Map<string, Kept>] => {
      const stored = [...(states.get(rule.id) ?? [])]
      return [
        rule.id,
        new Map(
          stored.map(([key, { held, version }]) => [
            key,
            { held, version, storedAt: now, isDirty: false },
          ]),
        ),
      ]
    })
    loaded = { revision, rules, kept: new Map(kept), seen }
  }

  /** Looks at every rule; what has to be stored now. Purely in memory. */
  function evaluateAll({ rules, kept, seen }: Loaded, sight: Sight, now: number): Move[] {
    const { state, creator } = sight
    const newestEventAt = newest(unseen, sight.newestEventAt)
    unseen = null
    const view = {
      now,
      timeZone: creator.time_zone,
      state,
      lives: livesOnAir(state, now, seen),
      isOld: newestEventAt !== null && newestEventAt < now - OLD_EVENT_MS,
      ...known(now),
    }
    const moves: Move[] = []
    for (const { rule, revision } of rules) {
      const of = kept.get(rule.id)
      if (!of) continue
      const held = new Map([...of].map(([key, { held }]) => [key, held]))
      for (const outcome of evaluate(rule, view, held)) {
        const key = keyOf(outcome.held)
        const before = of.get(key)
        if (!before && of.size >= maxSubjects) continue
        const { version = 0, storedAt = 0 } = before ?? {}
        const isUrgent = mustBeStored(outcome)
        const isDirty = !isUrgent && now - storedAt < STORE_EVERY_MS
        of.set(key, { held: outcome.held, version, storedAt, isDirty })
        if (!isDirty) moves.push({ rule, revision, outcome, version })
      }
      for (const [key, one] of of) {
        if (one.isDirty && now - one.storedAt >= STORE_EVERY_MS) {
          const outcome = { held: one.held, before: one.held }
          moves.push({ rule, revision, outcome, version: one.version })
        } else if (isForgettable(one, state.lives)) of.delete(key)
      }
    }
    return moves
  }

  async function store(moves: readonly Move[], sight: Sight, now: number): Promise<void> {
    const done = await commitMoves(database, tenant, sight.creator.time_zone, moves)
    const stored = new Set(done.map((row) => `${row.rule_id}\u0000${keyOf(row)}`))
    if (moves.some(({ outcome }) => outcome.transition)) told(tenant.creatorId)
    // Another engine was first, or the rule changed: what is stored counts.
    if (stored.size < moves.length) loaded = undefined
    for (const { rule, outcome, version } of moves) {
      const key = keyOf(outcome.held)
      loaded?.kept
        .get(rule.id)
        ?.set(key, { held: outcome.held, version: version + 1, storedAt: now, isDirty: false })
    }
  }

  return {
    look(sight, revision) {
      const now = deps.now()
      if (now === undefined) return
      if (loaded?.revision !== revision) {
        unseen = newest(unseen, sight.newestEventAt)
        return load(revision, now)
      }
      const moves = evaluateAll(loaded, sight, now)
      if (moves.length === 0) return
      return store(moves, sight, now).catch((error: unknown) => {
        // Whether it was stored is not known: the next look reads it.
        loaded = undefined
        throw error
      })
    },
  }
}

const newest = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b)

/** Whether an outcome would be missed after a crash. */
function mustBeStored({ held, before, transition }: Outcome): boolean {
  return transition !== undefined || !before || differsBeyondPeak(held.state, before.state)
}

/** At rest, of a LIVE that the state no longer holds. */
function isForgettable({ held, isDirty }: Kept, lives: object): boolean {
  const { session_id, state } = held
  return (
    session_id !== '' && state.phase === 'normal' && !isDirty && !Object.hasOwn(lives, session_id)
  )
}
