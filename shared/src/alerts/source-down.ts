import type { ConditionOf } from './condition.ts'
import { higher, type Kind } from './kind.ts'

/** A source that is not connected. */
export const sourceDown: Kind<ConditionOf<'source_down'>> = {
  measure: (_, { sources }) =>
    sources?.map(({ id, name, state, down }) => ({
      session_id: '',
      subject: id,
      value: down ? 1 : 0,
      facts: { name, state },
    })),
  judge(_, { value, facts = {} }) {
    return {
      phase: value === 1 ? 'breach' : 'clear',
      value: null,
      why: { kind: 'source', name: String(facts.name), state: String(facts.state) },
    }
  },
  further: () => higher,
  measuredBy: () => ({}),
}
