import { change } from './change.ts'
import type { Condition, ConditionOf } from './condition.ts'
import type { Kind } from './kind.ts'
import { above, below, outside } from './lines.ts'
import { noData } from './no-data.ts'
import { offPace } from './off-pace.ts'
import { oversold, pinWithoutClick, runsOut } from './products.ts'
import { sourceDown } from './source-down.ts'
import { unusual } from './unusual.ts'

/** What lasts and ends; an insight is a moment. */
export type LastingCondition = Exclude<Condition, { kind: 'insight' }>

/** Every kind of condition. */
const kinds: { readonly [K in LastingCondition['kind']]: Kind<ConditionOf<K>> } = {
  above,
  below,
  outside,
  change,
  unusual,
  no_data: noData,
  runs_out: runsOut,
  oversold,
  off_pace: offPace,
  source_down: sourceDown,
  pin_without_click: pinWithoutClick,
}

export function kindOf(condition: LastingCondition): Kind<LastingCondition> {
  // Safe: the kind of a name takes the conditions of that name.
  return kinds[condition.kind] as unknown as Kind<LastingCondition>
}
