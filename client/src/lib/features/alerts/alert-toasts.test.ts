import type { InsightKind } from '@creatorflow/shared/alert-reason'
import type { AlertNews } from '@creatorflow/shared/alert-told'
import { describe, expect, it } from 'vitest'
import { say } from '#lib/toasts/words.ts'
import {
  firedToast,
  gather,
  inOrder,
  insightToast,
  isWaiting,
  recoveredToast,
  ruleIn,
  type Told,
} from './alert-toasts.ts'

const usd = { locale: 'en', currency: 'USD', timeZone: 'UTC' }
const told = (id: string, more: Partial<Told> = {}): Told => ({
  episode_id: id,
  rule_id: `rule ${id}`,
  session_id: 'live',
  severity: 'warning',
  name: `Rule ${id}`,
  words: null,
  fired_at: 1_000,
  why: {
    kind: 'value',
    metric: 'gmv',
    value: 1_250,
    relation: '<',
    line: 5_000,
    sample: null,
    over_minutes: 5,
  },
  ...more,
})

describe('toasts of alerts', () => {
  it('[PAGE-14] says why in numbers and what to do; streamer mode hides the amounts', () => {
    const toast = firedToast(gather(null, told('a', { words: 'Pin the mug.' }), 0))
    expect(toast).toMatchObject({ priority: 'warning', title: ['Rule a'], why: 1_000 })
    expect(say(toast.text ?? [], usd)).toBe('GMV $12.50, below $50.00 over 5 min. Pin the mug.')
    expect(say(toast.text ?? [], { ...usd, hidden: true })).toBe(
      'GMV ••••, below •••• over 5 min. Pin the mug.',
    )
  })

  it('[PAGE-14] alerts that come together are one toast, as urgent as the worst of them', () => {
    let burst = gather(null, told('a'), 0)
    burst = gather(burst, told('b', { severity: 'critical' }), 1_000)
    burst = gather(burst, told('b', { severity: 'critical' }), 2_000)
    const toast = firedToast(burst)
    expect(toast).toMatchObject({ key: 'alerts a', priority: 'critical', stays: true })
    expect(say(toast.title, usd)).toBe('2 alerts')
    expect(say(toast.text ?? [], usd)).toBe('Rule a, Rule b')
    // Several rules are silenced together, one by itself.
    expect(ruleIn(burst)).toBeNull()
    expect(ruleIn(gather(null, told('a'), 0))).toEqual({ id: 'rule a', name: 'Rule a' })
    expect(gather(burst, told('c'), 60_000).members).toHaveLength(1)
    for (const id of ['c', 'd', 'e', 'f']) burst = gather(burst, told(id), 3_000)
    expect(say(firedToast(burst).text ?? [], usd)).toBe('Rule a, Rule b, Rule c, Rule d and 2 more')
  })

  it('[PAGE-14] a recovery is told quietly; a burst waits while one of it is on and unanswered', () => {
    const one = gather(null, told('a'), 0)
    expect(recoveredToast(one)).toMatchObject({
      priority: 'notice',
      title: ['Recovered: Rule a'],
    })
    const both = gather(one, told('b'), 1)
    const open = (id: string, acknowledged_by: string | null) =>
      ({
        ...told(id),
        kind: 'alert',
        session_id: '',
        subject: '',
        acknowledged_by,
      }) as const
    expect(isWaiting(both, [open('b', null)])).toBe(true)
    expect(isWaiting(both, [open('a', 'Ann'), open('b', 'Ann')])).toBe(false)
    expect(isWaiting(both, [])).toBe(false)
  })

  const insight = (insight: InsightKind, name: string, value: number | null, before = 0) =>
    told('i', { name, fired_at: 780_500, why: { kind: 'insight', insight, value, before } })

  it.each([
    ['first_order', 'First order', 1, 'First order', 'The first order of this LIVE', 780_500],
    ['orders', 'Round number of orders', 1_000, '1,000 orders', 'in this LIVE', 780_500],
    ['orders', 'Ring the bell', 50, 'Ring the bell', '50 orders in this LIVE', 780_500],
    ['goal_reached', 'Goal reached', 9, 'Goal reached', '$400 GMV', 780_500],
    ['record_minute', 'Record minute', 12_050, 'Record minute', '$120.50 at 12:12 AM', 720_000],
    ['sell_out', 'A product sold out', null, 'A product sold out', 'No stock left', 780_500],
  ] as const)(
    '[PAGE-14] the insight %s, as %s, in words',
    (kind, name, value, title, text, why) => {
      const toast = insightToast(insight(kind, name, value), '$400 GMV')
      expect(toast).toMatchObject({ priority: 'milestone', why })
      expect([say(toast.title, usd), say(toast.text ?? [], usd)]).toEqual([title, text])
    },
  )

  it('[PAGE-14] the first and the tenth order at once are one toast, that of the tenth', () => {
    const news = [10, 1, 50].map((value) => {
      const kind = value === 1 ? 'first_order' : 'orders'
      const rest = { id: `${value}`, kind: 'insight', transition: 'fired', at: 1, subject: '' }
      return { ...insight(kind, 'Orders', value), ...rest } as AlertNews
    })
    const toasts = inOrder(news).map((one) => insightToast(one))
    expect(new Set(toasts.map(({ key }) => key)).size).toBe(1)
    expect(say(toasts.at(-1)?.text ?? [], usd)).toBe('50 orders in this LIVE')
  })
})
