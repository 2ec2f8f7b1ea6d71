import { newRule } from '@creatorflow/shared/alerts/rule'
import { expect, it } from 'vitest'
import { gmvThresholds } from './thresholds.ts'

const rule = (condition: object, more: object = {}) => ({
  ...newRule.parse({ name: 'A rule', condition, ...more }),
  id: '00000000-0000-4000-8000-000000000000',
  origin: null,
  changed_at: '2026-11-30T00:00:00Z',
})
const of = { subject: { of: 'live' } }

it('[PAGE-18] a chart draws the thresholds of enabled rules on what it shows, in its unit', () => {
  const rules = [
    rule({ kind: 'below', metric: 'gmv', ...of, over_minutes: 5, fires_at: 5_000 }),
    rule({ kind: 'above', metric: 'gmv', ...of, fires_at: 90_000 }),
    rule({ kind: 'outside', metric: 'viewers_now', ...of, low: 20, high: 900 }),
    rule({ kind: 'below', metric: 'average_viewers', ...of, fires_at: 10 }),
    rule({ kind: 'below', metric: 'ctr', ...of, fires_at: 0.05 }),
    rule({ kind: 'change', metric: 'gmv', ...of, window_minutes: 5, percent: -40 }),
    rule({ kind: 'below', metric: 'gmv', ...of, fires_at: 1 }, { enabled: false }),
    rule({ kind: 'below', metric: 'viewers_now', ...of, fires_at: 1 }, { muted: true }),
    rule({
      kind: 'above',
      metric: 'gmv',
      subject: { of: 'product', product_id: null },
      fires_at: 1,
    }),
  ]
  const shown = (measure: 'minute' | 'sum') =>
    gmvThresholds(rules, measure).map(({ axis, value }) => [axis, value])
  expect(shown('minute')).toEqual([
    ['gmv', 1_000],
    ['viewers', 20],
    ['viewers', 900],
  ])
  expect(shown('sum')).toEqual([['gmv', 90_000]])
})
