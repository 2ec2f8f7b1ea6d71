import { defaultRules } from '@creatorflow/shared/alerts/defaults'
import { newRule } from '@creatorflow/shared/alerts/rule'
import { expect, test } from 'vitest'
import { ruleWords } from './rule-words.ts'

test('[ALERT-8] what tells a moment once is not said to last', () => {
  const said = defaultRules.map(({ rule }) => {
    const { condition, for_seconds } = newRule.parse(rule)
    return [
      condition.kind,
      ruleWords({ condition, for_seconds }, { currency: 'USD', locale: 'en', timeZone: 'UTC' }),
    ] as const
  })
  const lasting = said.filter(([, words]) => words.includes(' for '))
  expect(lasting.length).toBeGreaterThan(2)
  expect(lasting.filter(([kind]) => kind === 'insight')).toEqual([])
})
