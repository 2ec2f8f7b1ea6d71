import type { Changes } from '../changes.ts'
import { MINUTE_MS } from '../live-state.ts'
import { dueOf } from './changed.ts'
import { evaluate, type Held, type HeldRule, type Outcome, readsOf } from './evaluate.ts'
import type { Reads } from './kind.ts'
import type { Rule } from './rule.ts'
import { keyOf } from './subject.ts'
import type { View } from './view.ts'

/**
 * Looks at rules of one creator that stay the same, as `evaluate` does and with the same outcomes, but measures only
 * what may have changed: a rule of which nothing that it reads changed is left out, and so is each product that is as it
 * was, unless time is running for it.
 */
export interface Attention {
  /** Begins a look. `changes` since the one before; null when there is nothing to compare with. */
  begin(view: View, changes: Changes | null): void
  look(rule: Rule, held: HeldRule): Outcome[]
}

export function createAttention(): Attention {
  /** Of each rule that was measured whole. */
  const unsettledByRule = new Map<string, ReadonlySet<string>>()
  const readsByRule = new Map<string, Reads | undefined>()
  let view: View
  /** Undefined when every rule has to be looked at. */
  let changes: Changes | undefined
  let onAir: string | undefined
  let minute = Number.NaN
  let isNewMinute = true
  return {
    begin(next, since) {
      const lives = next.lives.map(({ session_id }) => session_id).join('\u0000')
      changes = since === null || next.isOld || lives !== onAir ? undefined : since
      isNewMinute = Math.floor(next.now / MINUTE_MS) !== minute
      minute = Math.floor(next.now / MINUTE_MS)
      onAir = lives
      view = next
    },
    look(rule, held) {
      if (!readsByRule.has(rule.id)) readsByRule.set(rule.id, readsOf(rule.condition))
      const reads = readsByRule.get(rule.id)
      if (!reads) return evaluate(rule, view, held)
      const unsettled = unsettledByRule.get(rule.id)
      const due = changes && unsettled ? dueOf(reads, view, changes, isNewMinute) : 'all'
      if (due === 'nothing' && unsettled?.size === 0) return []
      const part = due === 'all' || !changes || !unsettled ? view : { ...view, changes, unsettled }
      const outcomes = evaluate(rule, part, held)
      const next = new Set(outcomes.map((outcome) => keyOf(outcome.held)))
      const measured = part.unsettled ?? held.keys()
      for (const key of measured) if (isWaiting(held.get(key))) next.add(key)
      unsettledByRule.set(rule.id, next)
      return outcomes
    },
  }
}

/** Whether time alone moves it on. */
const isWaiting = (held: Held | undefined): boolean =>
  held?.state.phase === 'pending' || held?.state.phase === 'recovering'
