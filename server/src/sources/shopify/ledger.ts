import type { OrderLine, Refund } from '../orders/order-life.ts'
import { share, sum } from './amounts.ts'
import type { RefundFacts, Snapshot } from './facts.ts'
import { paidBack } from './paid-back.ts'

/** What is known of one order so far, and the payments and refunds made from it. */
export interface Ledger {
  readonly snapshots: readonly Snapshot[]
  readonly refunds: readonly RefundFacts[]
  readonly payments: readonly OrderLine[]
  readonly paidBack: readonly Refund[]
  /** Whether prices include tax, if assumed because nothing is known of the order itself. */
  readonly assumedTaxesIncluded?: boolean
}

export const emptyLedger: Ledger = { snapshots: [], refunds: [], payments: [], paidBack: [] }

/** What a delivery adds to what is known. */
export interface Told {
  readonly snapshot?: Snapshot
  readonly refunds: readonly RefundFacts[]
  readonly assumedTaxesIncluded?: boolean
}

/**
 * Adds a delivery. Payments and refunds only grow, and their final values depend on what was reported, not on
 * its order: every quantity below is a maximum or minimum over all that is known.
 */
export function tell(known: Ledger, told: Told): Ledger {
  const assumed = known.assumedTaxesIncluded ?? told.assumedTaxesIncluded
  const snapshots = told.snapshot ? withSnapshot(known.snapshots, told.snapshot) : known.snapshots
  const refunds = told.refunds.reduce(withRefund, known.refunds)
  const lines = linesOf(snapshots, refunds)
  return {
    snapshots,
    refunds,
    payments: grownPayments(known.payments, lines),
    paidBack: grownRefunds(known.paidBack, refundsOf(snapshots, refunds, lines, assumed)),
    ...(assumed !== undefined && { assumedTaxesIncluded: assumed }),
  }
}

/** Of equal moments the first: later ones without a change add nothing. */
function withSnapshot(known: readonly Snapshot[], one: Snapshot): readonly Snapshot[] {
  const same = known.find((other) => contentOf(other) === contentOf(one))
  if (same && !((one.updatedAt ?? 0) < (same.updatedAt ?? 0))) return known
  return [...known.filter((other) => other !== same), one]
}

const contentOf = ({ updatedAt: _, ...content }: Snapshot) => JSON.stringify(content)

/** A payment in progress may have come through since. */
function withRefund(known: readonly RefundFacts[], one: RefundFacts): readonly RefundFacts[] {
  const before = known.find(({ id }) => id === one.id)
  if (before && before.money.length >= one.money.length) return known
  return [...known.filter(({ id }) => id !== one.id), one].sort(
    (a, b) => a.at - b.at || (a.id < b.id ? -1 : 1),
  )
}

/** A line with some units paid. */
interface SoldLine {
  readonly line: OrderLine
  /** Paid units, and what came back since. */
  readonly units: number
  readonly amount: number
  /** Units that left the order after they were paid, and what was paid for them. */
  readonly removed: number
  readonly removedAmount: number
  /** What was paid for units added after the first payment. */
  readonly addedAmount: number
}

const itemsOf = (refunds: readonly RefundFacts[], lineId: string) =>
  refunds.flatMap(({ items }) => items.filter((item) => item.lineId === lineId))

function linesOf(snapshots: readonly Snapshot[], refunds: readonly RefundFacts[]): SoldLine[] {
  const paid = snapshots.filter(({ isPaid }) => isPaid)
  const seen = Map.groupBy(
    paid.flatMap((snapshot) => snapshot.lines.map((line) => ({ snapshot, line }))),
    ({ line }) => line.id,
  )
  return [...seen].map(([id, of]) => {
    // If only later moments are known, and they list no refunds, the refunds reported until then are theirs.
    const isLate = of.every(({ snapshot }) => snapshot.isRefunded && snapshot.refunds.length === 0)
    // Removed before the order was paid: of what is missing in a paid order, all that was not refunded.
    const missing = of.map(({ snapshot, line }) => {
      const listed = refunds.filter(
        (one) =>
          isPaidBack(one) &&
          (isLate
            ? one.at <= (snapshot.updatedAt ?? Number.POSITIVE_INFINITY)
            : snapshot.refunds.includes(one.id)),
      )
      return Math.max(0, line.removed - sum(itemsOf(listed, id).map(({ quantity }) => quantity)))
    })
    const neverPaid = Math.min(...missing)
    const { removed: _, ...most } = of.reduce((a, b) =>
      b.line.quantity > a.line.quantity ? b : a,
    ).line
    const units = Math.max(0, most.quantity - neverPaid)
    const amount = Math.max(
      ...of.map(({ line }) => share(line.amount, line.quantity - neverPaid, line.quantity)),
    )
    const gone = Math.max(
      ...of.map(({ line }) => line.removed),
      sum(itemsOf(refunds, id).map(({ quantity }) => quantity)),
    )
    const removed = Math.min(units, Math.max(0, gone - neverPaid))
    const atFirst = Math.min(
      ...paid.map(({ lines }) => lines.find((line) => line.id === id)?.quantity ?? 0),
    )
    const kept = Math.min(units, Math.max(0, atFirst - neverPaid))
    return {
      line: most,
      units,
      amount: units > 0 ? amount : 0,
      removed,
      removedAmount: units > 0 ? share(amount, removed, units) : 0,
      addedAmount: units > 0 ? amount - share(amount, kept, units) : 0,
    }
  })
}

const isPaidBack = ({ money }: RefundFacts) => money.length > 0

/** One payment for each line, and another one for additions to it. */
function grownPayments(made: readonly OrderLine[], lines: readonly SoldLine[]): OrderLine[] {
  const added = lines.flatMap(({ line, units, amount }): OrderLine[] => {
    const before = made.filter(({ id }) => id === line.id || id.startsWith(`${line.id}:`))
    const quantity = Math.max(0, units - sum(before.map((one) => one.quantity)))
    const more = Math.max(0, amount - sum(before.map((one) => one.amount)))
    if (quantity === 0 && more === 0) return []
    const id = before.length === 0 ? line.id : `${line.id}:${before.length + 1}`
    return [{ ...line, id, quantity, amount: more }]
  })
  return [...made, ...added]
}

/**
 * Everything that left the sales: refunds, and goods exchanged for others. No payment reports the latter:
 * what left the order without a refund paid for what came into it later.
 */
function refundsOf(
  snapshots: readonly Snapshot[],
  refunds: readonly RefundFacts[],
  lines: readonly SoldLine[],
  assumedTaxesIncluded: boolean | undefined,
): Refund[] {
  const sold = sum(lines.map(({ amount }) => amount))
  const isKnown = snapshots.some(({ isPaid }) => isPaid)
  const taxesIncluded =
    snapshots.length > 0
      ? snapshots.some((snapshot) => snapshot.taxesIncluded)
      : assumedTaxesIncluded
  const isSettled = isKnown || assumedTaxesIncluded !== undefined
  const back = refunds.flatMap((refund) => paidBack(refund, taxesIncluded, isSettled))
  const capped = isKnown ? upTo(sold, wholeIn(back, lines, refunds, sold)) : back
  const money = sum(capped.map(({ amount }) => amount))
  const removed = sum(lines.map(({ removedAmount }) => removedAmount))
  const added = sum(lines.map(({ addedAmount }) => addedAmount))
  const exchanged = Math.min(Math.max(0, removed - money), added)
  if (exchanged <= 0) return capped
  const swaps = refunds.filter(({ items }) => items.length > 0)
  const at = swaps.at(-1)?.at ?? snapshots.at(0)?.placedAt ?? 0
  const from = lines.find((line) => line.removed > 0)?.line
  return [...capped, { id: 'exchanged', at, amount: exchanged, ...(from && { line: from }) }]
}

/** An order that is paid back whole leaves nothing, however its parts were rounded. */
function wholeIn(
  back: readonly Refund[],
  lines: readonly SoldLine[],
  refunds: readonly RefundFacts[],
  sold: number,
): readonly Refund[] {
  const paying = refunds.filter(isPaidBack)
  const units = (id: string) => sum(itemsOf(paying, id).map(({ quantity }) => quantity))
  const left = sold - sum(back.map(({ amount }) => amount))
  const most = sum(lines.map((line) => line.units))
  const last = back.at(-1)
  const isWhole =
    paying.every(({ adjusted }) => adjusted >= 0) &&
    lines.every((line) => units(line.line.id) >= line.units)
  if (!last || !isWhole || left <= 0 || left > most) return back
  return [...back.slice(0, -1), { ...last, amount: last.amount + left }]
}

/** A refund beyond the sales was shipping, tax or goodwill. */
function upTo(most: number, refunds: readonly Refund[]): Refund[] {
  let left = most
  return refunds.map((refund) => {
    const amount = Math.min(refund.amount, left)
    left -= amount
    return { ...refund, amount }
  })
}

/** Another refund for each that grew, and never more in total than is due. */
function grownRefunds(made: readonly Refund[], due: readonly Refund[]): Refund[] {
  const all = [...made]
  let left = sum(due.map(({ amount }) => amount)) - sum(made.map(({ amount }) => amount))
  for (const refund of due) {
    const before = all.filter(({ id }) => id === refund.id || id.startsWith(`${refund.id}#`))
    const more = Math.min(left, refund.amount - sum(before.map(({ amount }) => amount)))
    if (more <= 0) continue
    left -= more
    const id = before.length === 0 ? refund.id : `${refund.id}#${before.length + 1}`
    all.push({ ...refund, id, amount: more })
  }
  return all
}
