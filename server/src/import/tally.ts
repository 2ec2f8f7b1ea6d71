import { exponentOf } from '@creatorflow/shared/currency'
import type { IncomingEvent } from '@creatorflow/shared/events'
import type { IngestAccount } from '@creatorflow/shared/ingest-account'
import { moneyTypes } from '../pipeline/count.ts'
import { iso } from '../pipeline/time-limits.ts'
import type { CheckedItem, RejectedItem } from './transfer.ts'

const SAMPLES_OF_A_REJECT = 3

/** The result of a file so far; plain values, which an interrupted import keeps beside its file. */
export interface Tally {
  /** Events and rejected rows. */
  items: number
  readonly counts: {
    sent: number
    accepted: number
    duplicates: number
    superseded: number
    conflicts: number
    rejected: number
  }
  /** By code, with a few samples. */
  readonly rejects: Record<string, { count: number; samples: string[] }>
  /** Earliest and latest time of what was not rejected, epoch ms. */
  times: { earliest: number; latest: number } | null
  /** Minor units of what was accepted, by type and currency. */
  readonly money: Record<string, Record<string, number>>
  /** The same for restated figures: only the server's totals say how much of it is new. */
  readonly restated: Record<string, Record<string, number>>
  /** Accepted amounts in a currency that the creator's totals leave out, by currency. */
  readonly excluded: Record<string, { events: number; amount: number }>
}

export function emptyTally(): Tally {
  return {
    items: 0,
    counts: { sent: 0, accepted: 0, duplicates: 0, superseded: 0, conflicts: 0, rejected: 0 },
    rejects: {},
    times: null,
    money: {},
    restated: {},
    excluded: {},
  }
}

/** Records the server's answer about these events, and returns those it rejected. */
export function noteAccount(
  tally: Tally,
  sent: readonly CheckedItem[],
  account: IngestAccount,
  creatorCurrency: string,
): RejectedItem[] {
  const { counts } = tally
  counts.sent += sent.length
  counts.accepted += account.accepted
  counts.duplicates += account.duplicates
  counts.superseded += account.superseded
  counts.conflicts += account.conflicts.length
  const known = new Set([
    ...(account.duplicate_indexes ?? []),
    ...(account.superseded_indexes ?? []),
  ])
  const rejected = new Set(account.rejected.map(({ index }) => index))
  sent.forEach(({ event }, index) => {
    if (rejected.has(index)) return
    noteTime(tally, event)
    if (!known.has(index)) noteMoney(tally, event, creatorCurrency)
  })
  return account.rejected.map(({ index, code, message }) => {
    const item = sent[index]
    return { row: item?.row ?? 0, column: '', reason: `${item?.event.id}: ${message}`, code }
  })
}

/** Records events that a dry run would send. */
export function noteUnsent(
  tally: Tally,
  events: readonly CheckedItem[],
  creatorCurrency: string,
): void {
  tally.counts.sent += events.length
  for (const { event } of events) {
    noteTime(tally, event)
    noteMoney(tally, event, creatorCurrency)
  }
}

function noteTime(tally: Tally, { ts }: IncomingEvent): void {
  if (ts === undefined) return
  const { earliest, latest } = tally.times ?? { earliest: ts, latest: ts }
  tally.times = { earliest: Math.min(earliest, ts), latest: Math.max(latest, ts) }
}

function noteMoney(tally: Tally, event: IncomingEvent, creatorCurrency: string): void {
  const { type, amount, revision, currency = creatorCurrency } = event
  if (amount === undefined || !(type === 'payment_completed' || moneyTypes.has(type))) return
  const sums = revision ? tally.restated : tally.money
  sums[type] ??= {}
  const ofType = sums[type]
  ofType[currency] = (ofType[currency] ?? 0) + amount
  if (currency === creatorCurrency) return
  const excluded = tally.excluded[currency] ?? { events: 0, amount: 0 }
  tally.excluded[currency] = {
    events: excluded.events + 1,
    amount: excluded.amount + amount,
  }
}

export function noteRejected(tally: Tally, { row, column, reason, code }: RejectedItem): void {
  tally.counts.rejected++
  tally.rejects[code] ??= { count: 0, samples: [] }
  const known = tally.rejects[code]
  known.count++
  const sample = `row ${row}${column === '' ? '' : `, ${column}`}: ${reason}`
  if (known.samples.length < SAMPLES_OF_A_REJECT) known.samples.push(sample)
}

/** How a tally is shown. */
export interface TallyView {
  readonly isDryRun: boolean
  readonly leftOut: number
  readonly creatorCurrency: string
}

/** The tally for a person. */
export function tallyWords(
  tally: Tally,
  { isDryRun, leftOut, creatorCurrency }: TallyView,
): string[] {
  const { counts, times } = tally
  const others = counts.conflicts > 0 ? ` (${counts.conflicts} with different content)` : ''
  const old = counts.superseded > 0 ? ` ${counts.superseded} superseded,` : ''
  return [
    `${counted(tally.items + leftOut, 'row')}${leftOut > 0 ? `, ${leftOut} skipped as requested` : ''}`,
    isDryRun
      ? `${counts.sent} would be sent, ${counts.rejected} rejected`
      : `${counts.sent} sent: ${counts.accepted} accepted, ${counts.duplicates} duplicates${others},${old} ${counts.rejected} rejected`,
    ...Object.entries(tally.rejects).map(
      ([code, { count, samples }]) => `  ${count} × ${code}, such as ${samples.join('; ')}`,
    ),
    ...(times ? [`From ${iso(times.earliest)} to ${iso(times.latest)}`] : []),
    ...sumsWords(tally.money),
    ...sumsWords(tally.restated).map((sums) => `Restated ${sums}, replacing earlier figures`),
    ...Object.entries(tally.excluded).map(
      ([currency, { events, amount }]) =>
        `Warning: ${moneyWords(amount, currency)} in ${counted(events, 'event')} ${isDryRun ? 'would be' : 'is'} excluded from totals, because this creator’s currency is ${creatorCurrency}.`,
    ),
  ]
}

const sumsWords = (money: Tally['money']): string[] =>
  Object.entries(money).map(([type, sums]) => {
    const amounts = Object.entries(sums).map(([currency, amount]) => moneyWords(amount, currency))
    return `${type}: ${amounts.join(', ')}`
  })

/** The tally for a program: amounts in minor units, times in ISO 8601. */
export function tallyDocument(tally: Tally, leftOut: number) {
  const { items, counts, rejects, times, money, restated, excluded } = tally
  return {
    rows: items + leftOut,
    left_out: leftOut,
    ...counts,
    rejected_by_reason: Object.fromEntries(
      Object.entries(rejects).map(([code, { count }]) => [code, count]),
    ),
    earliest: times && iso(times.earliest),
    latest: times && iso(times.latest),
    money,
    restated,
    excluded_by_currency: excluded,
  }
}

const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

function moneyWords(amount: number, currency: string): string {
  const exponent = exponentOf(currency)
  return `${currency} ${(amount / 10 ** exponent).toFixed(exponent)}`
}
