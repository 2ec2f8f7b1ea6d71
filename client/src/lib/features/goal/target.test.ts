import { describe, expect, it } from 'vitest'
import { targetOf } from './target.ts'

const usd = { currency: 'USD', locale: 'en-US' }

describe('the target of a goal', () => {
  it('[COMPARE-5] is entered in major units and sent in minor ones', () => {
    expect(targetOf(5_000, 'gmv', usd)).toEqual({ target: 500_000 })
    expect(targetOf(19.99, 'gmv', usd)).toEqual({ target: 1_999 })
    expect(targetOf(5_000, 'gmv', { ...usd, currency: 'JPY' })).toEqual({ target: 5_000 })
    expect(targetOf(50, 'main_orders', usd)).toEqual({ target: 50 })
  })

  it.each([null, 0, -1, Number.NaN, 1e13])(
    '%s is refused in a sentence with readable amounts',
    (entered) => {
      expect(targetOf(entered, 'gmv', usd)).toEqual({
        problem: 'Enter an amount from $0.01 to $10,000,000,000.00.',
      })
      expect(targetOf(entered, 'main_orders', usd)).toMatchObject({
        problem: 'Enter a number from 1 to 1,000,000,000,000.',
      })
    },
  )
})
