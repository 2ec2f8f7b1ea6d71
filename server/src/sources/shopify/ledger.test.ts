import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scaled } from '../../../../scripts/test/long-run.ts'
import { emptyLedger } from './ledger.ts'
import { read } from './normalise.ts'
import { type Change, type ChangingDelivery, changes, tellChanges } from './test/changes.ts'

/** The result of deliveries, in the given order. */
function sumOf(deliveries: readonly ChangingDelivery[]) {
  let known = emptyLedger
  const events = new Map<string, string>()
  for (const { topic, body } of deliveries) {
    const told = read(topic, Buffer.from(JSON.stringify(body)))
    if (told.kind === 'events') {
      expect(told.events).toEqual([])
      continue
    }
    if (told.kind !== 'order') throw new Error(JSON.stringify(told))
    const account = told.account(known)
    // As it is kept.
    known = JSON.parse(JSON.stringify(account.known))
    for (const event of account.events) {
      const content = JSON.stringify(event)
      expect(events.get(event.id) ?? content, 'one id has one content').toBe(content)
      events.set(event.id, content)
    }
  }
  const all = [...events.values()].map((content) => JSON.parse(content))
  const of = (type: string, field: string) =>
    all
      .filter((event) => event.type === type)
      .reduce((total: number, event) => total + (event[field] ?? 0), 0)
  return {
    gmv: of('payment_completed', 'amount'),
    items: of('payment_completed', 'quantity'),
    refunds: of('order_refunded', 'amount'),
  }
}

const goods = (price: number, quantity = 1) => ({ price, quantity, taxPercent: 20 as const })
const story = (steps: readonly Change[], lines = [goods(10_000)], more: object = {}) =>
  tellChanges({
    lines,
    steps,
    taxesIncluded: true,
    currency: 'EUR',
    listsRefunds: true,
    hasCurrentQuantity: true,
    ...more,
  })

/** Every order in which a few deliveries may arrive. */
function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]]
  return items.flatMap((item, n) => ordersOf(items.toSpliced(n, 1)).map((rest) => [item, ...rest]))
}

function expectAlways({ log }: ReturnType<typeof tellChanges>, sums: object): void {
  for (const order of ordersOf(log)) expect(sumOf([...order, ...order])).toEqual(sums)
}

const before = (step: object) => ({ when: 'before payment', ...step }) as Change
const after = (step: object) => ({ when: 'after payment', ...step }) as Change

test('[SHOPIFY-4] an exchange keeps what the shop keeps: dearer, even or cheaper', () => {
  const exchange = (price: number) => story([after({ kind: 'exchange', line: 0, units: 1, price })])
  expectAlways(exchange(25_000), { gmv: 35_000, items: 2, refunds: 10_000 })
  expectAlways(exchange(10_000), { gmv: 20_000, items: 2, refunds: 10_000 })
  expectAlways(exchange(6_000), { gmv: 16_000, items: 2, refunds: 10_000 })
})

test('[SHOPIFY-4] for a cheaper exchange with an unreported new line, only what was paid back is removed', () => {
  const { log } = story([after({ kind: 'exchange', line: 0, units: 1, price: 6_000 })])
  const told = log.filter(({ topic }) => topic !== 'orders/updated')
  expect(sumOf(told)).toEqual({ gmv: 10_000, items: 1, refunds: 4_000 })
})

test('[SHOPIFY-4] lines removed before payment were never sold', () => {
  const lines = [goods(3_000), goods(4_500)]
  const removed = story([before({ kind: 'remove', line: 1, units: 1 })], lines)
  expectAlways(removed, { gmv: 3_000, items: 1, refunds: 0 })
  const lowered = story([before({ kind: 'remove', line: 0, units: 2 })], [goods(1_000, 3)])
  expectAlways(lowered, { gmv: 1_000, items: 1, refunds: 0 })
  const old = story([before({ kind: 'remove', line: 0, units: 2 })], [goods(1_000, 3)], {
    hasCurrentQuantity: false,
  })
  expectAlways(old, { gmv: 1_000, items: 1, refunds: 0 })
})

test('[SHOPIFY-4] lines added after payment count once they are paid', () => {
  const added = story([after({ kind: 'add', price: 1_500 })], [goods(4_000)])
  expectAlways(added, { gmv: 5_500, items: 2, refunds: 0 })
  const owed = story([after({ kind: 'owe', price: 1_500 })], [goods(4_000)])
  expectAlways(owed, { gmv: 4_000, items: 1, refunds: 0 })
})

test('[SHOPIFY-3] a refund that arrives before its order is corrected by the order', () => {
  for (const taxesIncluded of [true, false]) {
    const whole = story([after({ kind: 'refund', line: 0, units: 1 })], [goods(10_000)], {
      taxesIncluded,
    })
    expectAlways(whole, { gmv: 10_000, items: 1, refunds: 10_000 })
  }
})

test('[SHOPIFY-4] a later refund does not belong to an earlier order state without it', () => {
  const { log, truth } = story(
    [
      before({ kind: 'remove', line: 0, units: 1 }),
      before({ kind: 'add', price: 100 }),
      after({ kind: 'refund', line: 1, units: 1 }),
      after({ kind: 'exchange', line: 0, units: 2, price: 100 }),
    ],
    [goods(100, 3)],
    { listsRefunds: false },
  )
  const last = log.findLast(({ topic }) => topic === 'refunds/create')
  const between = log.find(({ body }) => JSON.stringify(body).includes('"partially_refunded"'))
  if (!last || !between) throw new Error('the story has changed')
  expect(sumOf([last, between, ...log])).toEqual(truth)
})

test('[SHOPIFY-4] random edits, exchanges and refunds, in any order and with duplicates, leave what the shop keeps', () => {
  const sent = changes.chain((given) => {
    const { log, truth } = tellChanges(given)
    return fc.record({
      truth: fc.constant(truth),
      deliveries: fc
        .subarray(log)
        .chain((again) =>
          fc.shuffledSubarray([...log, ...again], { minLength: log.length + again.length }),
        ),
    })
  })
  fc.assert(
    fc.property(sent, ({ truth, deliveries }) => {
      expect(sumOf(deliveries)).toEqual(truth)
    }),
    { numRuns: scaled(300, 5_000) },
  )
})
