import { exponentOf } from '@creatorflow/shared/currency'
import fc from 'fast-check'

/** A change of an order; a line is an index, modulo the number of lines. Prices are net, per unit. */
export type Change = { readonly when: 'before payment' | 'after payment' } & (
  | { readonly kind: 'remove'; readonly line: number; readonly units: number }
  | { readonly kind: 'refund'; readonly line: number; readonly units: number }
  | {
      readonly kind: 'exchange'
      readonly line: number
      readonly units: number
      readonly price: number
    }
  /** `owe` is an addition that nobody pays. */
  | { readonly kind: 'add' | 'owe'; readonly price: number }
)

export interface Story {
  readonly lines: readonly {
    readonly price: number
    readonly quantity: number
    readonly taxPercent: 0 | 10 | 20
  }[]
  readonly steps: readonly Change[]
  readonly taxesIncluded: boolean
  readonly currency: string
  /** Whether orders list the refunds made so far. */
  readonly listsRefunds: boolean
  /** Whether lines say how many are left, as they do since API 2024-01. */
  readonly hasCurrentQuantity: boolean
}

export interface ChangingDelivery {
  readonly topic: string
  readonly body: object
}

// Multiples of ten, so every tax is whole.
const price = fc.integer({ min: 10, max: 5_000 }).map((n) => n * 10)
const at = { line: fc.nat(5), units: fc.integer({ min: 1, max: 3 }) }
const when = fc.constantFrom('before payment', 'after payment')

export const changes: fc.Arbitrary<Story> = fc
  .record({
    lines: fc.array(
      fc.record({
        price,
        quantity: fc.integer({ min: 1, max: 4 }),
        taxPercent: fc.constantFrom(0, 10, 20),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    steps: fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('remove'), when: fc.constant('before payment'), ...at }),
        fc.record({ kind: fc.constant('refund'), when: fc.constant('after payment'), ...at }),
        fc.record({
          kind: fc.constant('exchange'),
          when: fc.constant('after payment'),
          ...at,
          price,
        }),
        fc.record({ kind: fc.constant('add'), when, price }),
      ),
      { maxLength: 5 },
    ),
    taxesIncluded: fc.boolean(),
    currency: fc.constantFrom('USD', 'JPY', 'KWD'),
    way: fc.constantFrom([true, true], [false, true], [true, false]),
  })
  // Safe: each step is one of the changes; fast-check widens their kinds to text.
  .map(({ way: [listsRefunds, hasCurrentQuantity], ...rest }) => ({
    ...rest,
    listsRefunds,
    hasCurrentQuantity,
  })) as fc.Arbitrary<Story>

interface Line {
  readonly id: number
  readonly price: number
  readonly taxPercent: number
  quantity: number
  left: number
}

/** The deliveries of one order whose lines change, and their expected result. */
export function tellChanges(story: Story): {
  readonly log: ChangingDelivery[]
  readonly truth: { readonly gmv: number; readonly items: number; readonly refunds: number }
} {
  const { currency, taxesIncluded } = story
  const log: ChangingDelivery[] = []
  const lines: Line[] = story.lines.map((line, n) => ({ ...line, id: n + 1, left: line.quantity }))
  const refunds: object[] = []
  const truth = { gmv: 0, items: 0, refunds: 0 }
  let minute = 0
  const now = () => new Date(Date.UTC(2026, 10, 28, 18, minute++)).toISOString()
  const placed = now()

  const decimal = (units: number) =>
    (units / 10 ** exponentOf(currency)).toFixed(exponentOf(currency))
  const taxOf = (line: Line, units: number) => (line.price * units * line.taxPercent) / 100
  const shown = (line: Line, units: number) =>
    line.price * units + (taxesIncluded ? taxOf(line, units) : 0)
  const gross = (line: Line, units: number) => line.price * units + taxOf(line, units)
  const payloadOf = (line: Line) => ({
    id: line.id,
    product_id: line.id + 100,
    variant_id: line.id + 200,
    title: `Thing ${line.id}`,
    quantity: line.quantity,
    ...(story.hasCurrentQuantity && { current_quantity: line.left }),
    price: decimal(shown(line, 1)),
    discount_allocations: [],
    tax_lines: [{ price: decimal(taxOf(line, line.quantity)) }],
  })
  const tell = (topic: string, financial_status: string) =>
    log.push({
      topic,
      body: {
        id: 7_001,
        created_at: placed,
        processed_at: placed,
        updated_at: now(),
        currency,
        financial_status,
        taxes_included: taxesIncluded,
        customer: { id: 9 },
        line_items: lines.map(payloadOf),
        refunds: story.listsRefunds ? [...refunds] : [],
      },
    })
  const takeOff = (line: Line, units: number, paidBack: number) => {
    line.left -= units
    const refund = {
      id: 800 + refunds.length,
      order_id: 7_001,
      created_at: now(),
      refund_line_items: [
        {
          id: 900 + refunds.length,
          line_item_id: line.id,
          quantity: units,
          restock_type: 'cancel',
          subtotal: decimal(shown(line, units)),
          total_tax: decimal(taxOf(line, units)),
          line_item: payloadOf(line),
        },
      ],
      order_adjustments: [],
      transactions:
        paidBack > 0
          ? [{ kind: 'refund', status: 'success', amount: decimal(paidBack), currency }]
          : [],
    }
    refunds.push(refund)
    log.push({ topic: 'refunds/create', body: refund })
  }
  const add = (unit: number, taxPercent: number) => {
    const line = { id: lines.length + 1, price: unit, taxPercent, quantity: 1, left: 1 }
    lines.push(line)
    log.push({
      topic: 'orders/edited',
      body: { order_edit: { id: line.id, order_id: 7_001, line_items: { additions: [] } } },
    })
    return line
  }
  const sell = (line: Line) => {
    truth.gmv += line.price * line.left
    truth.items += line.left
  }

  tell('orders/create', 'pending')
  const apply = (step: Change, isPaid: boolean) => {
    if (!('line' in step)) {
      const line = add(step.price, 0)
      const status = step.kind === 'owe' ? 'partially_paid' : isPaid ? 'paid' : 'pending'
      tell('orders/updated', status)
      if (isPaid && step.kind === 'add') sell(line)
      return
    }
    const line = lines[step.line % lines.length]
    const units = Math.min(step.units, line?.left ?? 0)
    if (!line || units === 0) return
    if (step.kind === 'remove') {
      takeOff(line, units, 0)
      tell('orders/updated', 'pending')
      return
    }
    truth.refunds += line.price * units
    if (step.kind === 'refund') {
      takeOff(line, units, gross(line, units))
      tell('orders/updated', lines.some(({ left }) => left > 0) ? 'partially_refunded' : 'refunded')
      return
    }
    const other = { ...line, price: step.price, quantity: 1, left: 1 }
    takeOff(line, units, Math.max(0, gross(line, units) - gross(other, 1)))
    sell(add(step.price, line.taxPercent))
    tell('orders/updated', 'paid')
  }
  const [early, late] = [
    story.steps.filter((step) => step.when === 'before payment'),
    story.steps.filter((step) => step.when === 'after payment'),
  ]
  for (const step of early) apply(step, false)
  // Without a line left nobody pays.
  if (lines.every(({ left }) => left === 0)) return { log, truth }
  tell('orders/paid', 'paid')
  lines.forEach(sell)
  for (const step of late) apply(step, true)
  return { log, truth }
}
