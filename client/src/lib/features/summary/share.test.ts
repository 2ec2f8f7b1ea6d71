import { emptyLive } from '@creatorflow/shared/fold-live'
import { presentLive } from '@creatorflow/shared/present'
import { describe, expect, test } from 'vitest'
import type { Sold } from './calculate.ts'
import { shareOf } from './share.ts'

const convention = { locale: 'en', currency: 'USD', timeZone: 'UTC' }
const START = Date.UTC(2026, 10, 20, 20)
const now = START + 20 * 60_000

function soldOf(gmv: number, ended_at: number | null = now): Sold {
  const totals = { gmv, main_orders: 151, peak_viewers: 1_532 }
  const live = { ...emptyLive('evening', START), ended_at, last_at: now, totals }
  return { live: presentLive(live, now + 1_000), afterEnd: 0 }
}
const of = { creatorName: 'Mira Sells', topProduct: 'Two-cup teapot' }

describe('the card of a LIVE', () => {
  test('[PAST-9] it says what was sold, in what time, and compared with the previous LIVE', () => {
    expect(shareOf(soldOf(716_765), soldOf(450_000), of, now, convention)).toEqual({
      whose: 'Mira Sells',
      day: 'Fri, Nov 20',
      amount: '$7,167.65',
      span: 'in 20 min',
      growth: '▲ 59% vs last LIVE',
      isBetter: true,
      figures: [
        { name: 'orders', value: '151' },
        { name: 'viewers at the peak', value: '1,532' },
        { name: 'best seller', value: 'Two-cup teapot' },
      ],
    })
    expect(shareOf(soldOf(100), soldOf(200), of, now, convention)).toMatchObject({
      growth: '▼ 50% vs last LIVE',
      isBetter: false,
    })
  })

  test('[PAST-9] while the LIVE is on, or without a previous one, it compares nothing', () => {
    expect(shareOf(soldOf(100, null), soldOf(200), of, now, convention).growth).toBe('')
    expect(shareOf(soldOf(100), null, of, now, convention).growth).toBe('')
    expect(shareOf(soldOf(100), soldOf(0), of, now, convention).growth).toBe('')
  })

  test('[PAST-9] in streamer mode it shows neither money nor names', () => {
    const hidden = { ...convention, hidden: true }
    const share = shareOf(soldOf(716_765), soldOf(450_000), of, now, hidden)
    expect(share.amount).not.toMatch(/\d/)
    expect(share.whose).not.toContain('Mira')
  })
})
