import { exponentOf } from '@creatorflow/shared/currency'
import { minorUnits } from '../../../sources/orders/money.ts'

/** The mark before the decimals of amounts. */
export type DecimalMark = 'point' | 'comma'

export interface Money {
  /** Whole minor units. */
  readonly amount: number
  /** The currency that the text names by its code. */
  readonly currency: string | undefined
}

const blanks = /[\s\u00a0\u202f]/g

/**
 * An amount in a file in exact minor units; text says why there is none. `currency` is the row's if `isOwn`,
 * otherwise a default that a code next to the number replaces. Amounts finer than their currency are refused,
 * not rounded: they mean another currency, or a thousands separator.
 */
export function readMoney(
  text: string,
  currency: string,
  { decimal, isOwn }: { readonly decimal: DecimalMark | undefined; readonly isOwn: boolean },
): Money | string {
  const split = splitAmount(text)
  if (!split) return noNumber(text)
  const { digits, label } = split
  const code = /^[A-Z]{3}$/.test(label) && isCurrency(label) ? label : undefined
  if (label !== '' && code === undefined && !symbolsOf(currency).has(label)) {
    return `${JSON.stringify(label)} in ${JSON.stringify(text)} is not ${currency}: map a column to currency, or add --currency`
  }
  if (isOwn && code !== undefined && code !== currency) {
    return `${JSON.stringify(text)} is not in ${currency}, the currency of its row`
  }
  const used = code ?? currency
  if (!isCurrency(used)) return `${used} is not a known currency`
  if (decimal === undefined && isUnclearNumber(digits, used)) return unclear(text)
  const plain = plainNumber(digits, decimal ?? 'point')
  if (plain === undefined) return noNumber(text)
  const decimals = (/\.(\d+)$/.exec(plain)?.[1] ?? '').replace(/0+$/, '').length
  const most = exponentOf(used)
  if (decimals > most) {
    return `${used} has ${most} decimals, not ${decimals}: does ${JSON.stringify(text)} need another --decimal?`
  }
  const amount = minorUnits(plain, used)
  return amount === undefined ? `${text} is too much` : { amount, currency: code }
}

/** Whether an amount can be read in two ways while the decimal mark is unknown. */
export function isUnclearAmount(text: string, currency: string): boolean {
  const split = splitAmount(text)
  if (!split) return false
  return isUnclearNumber(split.digits, isCurrency(split.label) ? split.label : currency)
}

function isUnclearNumber(digits: string, currency: string): boolean {
  if (digits.includes(',') || /\..*\./.test(digits)) return true
  // 35.000 may be thirty-five thousand, but not if the currency has three decimals; 1.005 is refused for its
  // decimals anyway.
  const thousands = /^-?\d{1,3}\.(\d{3})$/.exec(digits)?.[1]
  const most = exponentOf(currency)
  return thousands !== undefined && most !== 3 && thousands.replace(/0+$/, '').length <= most
}

/** The number in an amount, with its sign, and the text before or after it. */
function splitAmount(text: string): { digits: string; label: string } | undefined {
  const found = /^(\D*?)\s*(\d[\d.,'’\s\u00a0\u202f]*)\s*(\D*)$/u.exec(text.replace(/\u2212/g, '-'))
  if (!found) return undefined
  const [, before = '', middle = '', after = ''] = found
  const labels = [before.replace('-', ''), after].map((label) => label.replace(blanks, ''))
  if (labels.every((label) => label !== '')) return undefined
  const sign = before.includes('-') ? '-' : ''
  return { digits: sign + middle.trim(), label: labels.join('') }
}

/** The number with a decimal point and without thousands separators; undefined if these are misplaced. */
function plainNumber(digits: string, decimal: DecimalMark): string | undefined {
  const [mark, thousands] = decimal === 'point' ? ['.', ','] : [',', '.']
  const [whole = '', fraction, ...more] = digits.split(mark)
  if (more.length > 0 || (fraction !== undefined && !/^\d+$/.test(fraction))) return undefined
  const separators = whole.replace(/[-\d]/g, '').replace(/[\u00a0\u202f]/g, ' ')
  const [separator = thousands] = separators
  const isOne = [...separators].every((one) => one === separator)
  if (!isOne || separator === mark) return undefined
  // Lakhs and crores are grouped in twos before the last three: 1,23,456.
  const groups = whole.replace('-', '').split(/\D/)
  const isGrouped =
    groups.length === 1 ||
    (/^\d{1,3}$/.test(groups[0] ?? '') &&
      /^\d{3}$/.test(groups.at(-1) ?? '') &&
      groups.slice(1, -1).every((group) => /^\d{2,3}$/.test(group)))
  if (!isGrouped) return undefined
  const sign = whole.startsWith('-') ? '-' : ''
  return `${sign}${groups.join('')}${fraction === undefined ? '' : `.${fraction}`}`
}

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))

/** Whether it is a currency code, such as EUR. */
export const isCurrency = (code: string): boolean => currencies.has(code)

const symbols = new Map<string, ReadonlySet<string>>()

/** The ways a currency is written next to a number: many use $, so it never says which. */
function symbolsOf(currency: string): ReadonlySet<string> {
  let known = symbols.get(currency)
  if (!known) {
    const written = (['symbol', 'narrowSymbol'] as const).map((currencyDisplay) =>
      isCurrency(currency)
        ? new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay })
            .formatToParts(0)
            .find(({ type }) => type === 'currency')?.value
        : undefined,
    )
    known = new Set(
      [...written, ...(otherSymbols[currency] ?? [])].filter((one) => one !== undefined),
    )
    symbols.set(currency, known)
  }
  return known
}

/** Symbols that English tables leave out. */
const otherSymbols: Readonly<Record<string, readonly string[]>> = {
  USD: ['US$'],
  THB: ['฿'],
  IDR: ['Rp', 'Rp.'],
  CHF: ['Fr.', 'SFr.'],
  VND: ['đ', 'VNĐ'],
  SGD: ['S$'],
  TRY: ['TL'],
}

const unclear = (text: string): string =>
  `the decimals of ${JSON.stringify(text)} are ambiguous: add --decimal point or comma`

const noNumber = (text: string): string =>
  `${JSON.stringify(text)} is not a decimal number such as 1234.50`
