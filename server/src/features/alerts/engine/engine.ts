import type { Database } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import { type Attention, createAttention } from '@creatorflow/shared/alerts/attention'
import type { Held, Outcome } from '@creatorflow/shared/alerts/evaluate'
import { differsBeyondPeak } from '@creatorflow/shared/alerts/step'
import { keyOf } from '@creatorflow/shared/alerts/subject'
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

/** How a state stands to the one in the database, which has `version`. */
interface Stored {
  readonly version: number
  /** When it was stored, by the database's time. */
  readonly storedAt: number
}

/** Where one rule stands, by subject. */
interface Kept {
  readonly held: Map<string, Held>
  readonly stored: Map<string, Stored>
  /** Those that have moved since they were stored. */
  readonly dirty: Set<string>
}

interface Loaded {
  readonly revision: number
  readonly rules: readonly StoredRule[]
  readonly kept: ReadonlyMap<string, Kept>
  readonly attention: Attention
  /** The LIVEs of which nothing is left to forget. */
  lives: string | undefined
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
    const kept = rules.map(({ rule }): [string, Kept] => {
      const of: Kept = { held: new Map(), stored: new Map(), dirty: new Set() }
      for (const [key, { held, version }] of states.get(rule.id) ?? []) {
        keep(of, key, held, { version, storedAt: now })
      }
      return [rule.id, of]
    })
    loaded = {
      revision,
      rules,
      kept: new Map(kept),
      attention: createAttention(),
      lives: undefined,
      seen,
    }
  }

  /** Looks at every rule; what has to be stored now. Purely in memory. */
  function evaluateAll(of: Loaded, sight: Sight, now: number): Move[] {
    const { rules, kept, attention, seen } = of
    const { state, creator } = sight
    const lives = Object.keys(state.lives).join('\u0000')
    const isSameLives = of.lives === lives
    of.lives = lives
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
    attention.begin(view, sight.changes)
    const moves: Move[] = []
    for (const { rule, revision } of rules) {
      const ofRule = kept.get(rule.id)
      if (!ofRule) continue
      for (const outcome of attention.look(rule, ofRule.held)) {
        const key = keyOf(outcome.held)
        const before = ofRule.stored.get(key)
        if (!before && ofRule.held.size >= maxSubjects) continue
        const { version = 0, storedAt = 0 } = before ?? {}
        const mayWait = !mustBeStored(outcome) && now - storedAt < STORE_EVERY_MS
        keep(ofRule, key, outcome.held, { version, storedAt })
        if (mayWait) ofRule.dirty.add(key)
        else moves.push({ rule, revision, outcome, version })
      }
      for (const due of duesOf(ofRule, now)) moves.push({ rule, revision, ...due })
      if (!isSameLives) forgetOver(ofRule, state.lives)
    }
    return moves
  }

  async function store(moves: readonly Move[], sight: Sight, now: number): Promise<void> {
    const done = await commitMoves(database, tenant, sight.creator.time_zone, moves)
    const stored = new Set(done.map((row) => `${row.rule_id}\u0000${keyOf(row)}`))
    if (moves.some(({ outcome }) => outcome.transition)) told(tenant.creatorId)
    if (loaded) loaded.lives = undefined
    // Another engine was first, or the rule changed: what is stored counts.
    if (stored.size < moves.length) loaded = undefined
    for (const { rule, outcome, version } of moves) {
      const key = keyOf(outcome.held)
      const of = loaded?.kept.get(rule.id)
      if (of) keep(of, key, outcome.held, { version: version + 1, storedAt: now })
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

function keep({ held, stored, dirty }: Kept, key: string, state: Held, as: Stored): void {
  held.set(key, state)
  stored.set(key, as)
  dirty.delete(key)
}

/** What waited to be stored for long enough. */
function duesOf({ held, stored, dirty }: Kept, now: number): Pick<Move, 'outcome' | 'version'>[] {
  const dues: Pick<Move, 'outcome' | 'version'>[] = []
  for (const key of dirty) {
    const state = held.get(key)
    const { storedAt, version } = stored.get(key) ?? {}
    if (!state || storedAt === undefined || version === undefined) continue
    if (now - storedAt < STORE_EVERY_MS) continue
    dues.push({ outcome: { held: state, before: state }, version })
  }
  return dues
}

/** Forgets what is at rest, of LIVEs that the state no longer holds. */
function forgetOver({ held, stored, dirty }: Kept, lives: object): void {
  for (const [key, { session_id, state }] of held) {
    if (session_id === '' || state.phase !== 'normal' || Object.hasOwn(lives, session_id)) continue
    if (dirty.has(key)) continue
    held.delete(key)
    stored.delete(key)
  }
}
