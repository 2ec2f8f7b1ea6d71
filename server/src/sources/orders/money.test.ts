import { exponentOf } from '@creatorflow/shared/currency'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allocate, minorUnits } from './money.ts'

test('[SOURCE-8] decimals become minor units of the currency’s own exponent', () => {
  const cases: [string, string, number | undefined][] = [
    ['12.5', 'USD', 1_250],
    ['0.01', 'EUR', 1],
    ['5000', 'JPY', 5_000],
    ['5000', 'IDR', 500_000],
    ['1.234', 'KWD', 1_234],
    ['1.005', 'USD', 101],
    ['1.28', 'JPY', 1],
    ['-0.5', 'JPY', -1],
    ['-0.001', 'USD', 0],
    ['', 'USD', undefined],
    ['1e3', 'USD', undefined],
    ['1,50', 'EUR', undefined],
    ['12', 'usd', undefined],
    ['999999999999999', 'KWD', undefined],
  ]
  for (const [decimal, currency, units] of cases) {
    expect(minorUnits(decimal, currency), `${decimal} ${currency}`).toBe(units)
  }
})

test('[SOURCE-8] any amount with the currency’s digits round-trips exactly', () => {
  const currencies = ['JPY', 'USD', 'KWD', 'VND', 'EUR']
  fc.assert(
    fc.property(
      fc.integer({ min: -(10 ** 11), max: 10 ** 11 }),
      fc.constantFrom(...currencies),
      (units, currency) => {
        const exponent = exponentOf(currency)
        const digits = String(Math.abs(units)).padStart(exponent + 1, '0')
        const point = digits.length - exponent
        const decimal = `${units < 0 ? '-' : ''}${digits.slice(0, point)}${exponent ? '.' : ''}${digits.slice(point)}`
        expect(minorUnits(decimal, currency)).toBe(units)
      },
    ),
  )
})

test('[SOURCE-8] parts of an amount add up to it, and each is within one of its exact share', () => {
  expect(allocate(100, [1, 1, 1])).toEqual([34, 33, 33])
  expect(allocate(5, [0, 0])).toEqual([3, 2])
  expect(allocate(0, [3, 4])).toEqual([0, 0])
  expect(allocate(7, [])).toEqual([])
  const weights = fc.array(fc.nat(10 ** 12), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(fc.nat(10 ** 12), weights, (total, given) => {
      const parts = allocate(total, given)
      expect(parts.reduce((a, b) => a + b, 0)).toBe(total)
      const sum = given.reduce((a, b) => a + b, 0)
      parts.forEach((part, n) => {
        const exact = sum > 0 ? (total * (given[n] ?? 0)) / sum : total / given.length
        expect(Math.abs(part - exact)).toBeLessThan(1.01)
      })
    }),
  )
})
