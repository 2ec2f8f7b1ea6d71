import { defaultRules } from '@creatorflow/shared/alerts/defaults'
import { expect, it } from 'vitest'
import { m } from '#messages'
import { shownName } from './default-names.ts'

it('[ALERT-3] each default rule is named by a message of the page; a name of one’s own stays', () => {
  const messages = new Set(
    Object.entries(m).flatMap(([key, message]) =>
      key.startsWith('alerts_') && message.length === 0 ? [(message as () => string)()] : [],
    ),
  )
  for (const { rule } of defaultRules) {
    for (const text of [rule.name, rule.words ?? rule.name]) {
      expect(messages, text).toContain(text)
      expect(shownName(text)).toBe(text)
    }
  }
  expect(shownName('Mine')).toBe('Mine')
  expect(shownName('constructor')).toBe('constructor')
})
