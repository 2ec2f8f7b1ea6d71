import { describe, expect, it } from 'vitest'
import { toastOf } from './milestone-toast.ts'
import { say } from './words.ts'

const convention = { locale: 'en', currency: 'USD', timeZone: 'UTC' }

describe('the toast of a milestone', () => {
  it.each([
    [{ kind: 'orders', orders: 1 }, 'order 1', 'First order', 'in this LIVE', 5],
    [{ kind: 'orders', orders: 1_000 }, 'order 1000', '1,000 orders', 'in this LIVE', 5],
    [{ kind: 'viewers', viewers: 340 }, 'viewers', 'Most viewers ever', '340 at once', 5],
    [{ kind: 'goal', id: 'g', name: 'GMV' }, 'goal g', 'Goal reached', 'GMV', 5],
    [
      { kind: 'minute', minute: 720_000, gmv: 12_050 },
      'minute 720000',
      'Record minute',
      '$120.50 at 12:12 AM',
      720_000,
    ],
  ] as const)('[PAGE-14] %o in words', (milestone, key, title, text, why) => {
    const toast = toastOf(milestone, 5)
    expect(toast).toMatchObject({ key, priority: 'milestone', why })
    expect([say(toast.title, convention), say(toast.text ?? [], convention)]).toEqual([title, text])
  })
})
