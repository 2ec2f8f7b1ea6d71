import { exponentOf } from '@creatorflow/shared/currency'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DecimalMark, readMoney } from './money.ts'

const unsaid = { decimal: undefined, isOwn: false } as const

test.each([
  ['12.5', 'USD', 1_250],
  ['12', 'USD', 1_200],
  ['12.50000', 'USD', 1_250],
  ['0.07', 'EUR', 7],
  ['1.13', 'EUR', 113],
  ['1234', 'JPY', 1_234],
  ['1234.00', 'JPY', 1_234],
  ['1.2', 'JPY', 'JPY has 0 decimals, not 1'],
  ['1,5', 'USD', 'the decimals of "1,5" are ambiguous'],
  ['1,234.50', 'USD', 'ambiguous'],
  ['1.234,50', 'EUR', 'ambiguous'],
  ['12.500', 'USD', 'ambiguous'],
  ['1.234', 'USD', 'USD has 2 decimals, not 3'],
  ['35.000', 'VND', 'ambiguous'],
  ['1.234.000', 'IDR', 'ambiguous'],
  ['1.234', 'KWD', 1_234],
  ['1.2345', 'USD', 'USD has 2 decimals, not 4'],
  ['$5', 'USD', 500],
  ['$5', 'EUR', '"$" in "$5" is not EUR'],
  ['(5.00)', 'USD', 'is not a decimal number'],
  ['5.', 'USD', 'is not a decimal number'],
  ['-$5', 'USD', -500],
  ['−5.00', 'USD', -500],
  ['1e3', 'USD', 'is not a decimal number'],
  ['9'.repeat(20), 'USD', 'is too much'],
])('[FILE-4] %s %s is %s', (text, currency, expected) => {
  const read = readMoney(text, currency, unsaid)
  if (typeof expected === 'number') expect(read).toMatchObject({ amount: expected })
  else expect(read).toContain(expected)
})

test('[FILE-4] any amount of any currency round-trips', () => {
  const currency = fc.constantFrom(...Intl.supportedValuesOf('currency'))
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000_000_000 }), currency, (amount, code) => {
      const decimals = exponentOf(code)
      const digits = String(amount).padStart(decimals + 1, '0')
      const split = digits.length - decimals
      const text = decimals === 0 ? digits : `${digits.slice(0, split)}.${digits.slice(split)}`
      expect(readMoney(text, code, { ...unsaid, decimal: 'point' })).toMatchObject({ amount })
    }),
  )
})

test.each([
  ['1.234,50', 'EUR', 'comma', 123_450],
  ['1 234,50', 'EUR', 'comma', 123_450],
  ['1\u202f234,50 €', 'EUR', 'comma', 123_450],
  ['35.000₫', 'VND', 'comma', 35_000],
  ['R$ 1.234.567,89', 'BRL', 'comma', 123_456_789],
  ['1,234.50', 'USD', 'point', 123_450],
  ["1'234.50", 'CHF', 'point', 123_450],
  ['1,23,456.00', 'INR', 'point', 12_345_600],
  ['12,34', 'USD', 'point', 'is not a decimal number'],
  ['1,234,5', 'USD', 'point', 'is not a decimal number'],
  ['1.2345,00', 'EUR', 'comma', 'is not a decimal number'],
  ['1,5,0', 'EUR', 'comma', 'is not a decimal number'],
  ['1.234', 'USD', 'point', 'USD has 2 decimals, not 3'],
] as [string, string, DecimalMark, number | string][])(
  '[FILE-4] %s %s with --decimal %s is %s',
  (text, currency, decimal, expected) => {
    const read = readMoney(text, currency, { decimal, isOwn: false })
    if (typeof expected === 'number') expect(read).toMatchObject({ amount: expected })
    else expect(read).toContain(expected)
  },
)

test('[FILE-4] a code next to a number is its currency, and a symbol must match the currency', () => {
  const eur = { decimal: 'comma', isOwn: false } as const
  expect(readMoney('BRL 35,91', 'EUR', eur)).toEqual({ amount: 3_591, currency: 'BRL' })
  expect(readMoney('35,91 BRL', 'BRL', { ...eur, isOwn: true })).toMatchObject({ amount: 3_591 })
  expect(readMoney('BRL 35,91', 'EUR', { ...eur, isOwn: true })).toContain('not in EUR')
  // Digits after the point are those of the code, not of the default.
  expect(readMoney('JPY 1200', 'USD', unsaid)).toEqual({ amount: 1_200, currency: 'JPY' })
  expect(readMoney('R$ 10,00', 'BRL', eur)).toEqual({ amount: 1_000, currency: undefined })
  expect(readMoney('R$ 10,00', 'USD', eur)).toContain('"R$" in "R$ 10,00" is not USD')
  expect(readMoney('XYZ 10,00', 'USD', eur)).toContain('is not USD')
})
