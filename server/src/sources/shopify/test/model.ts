import { exponentOf } from '@creatorflow/shared/currency'
import type { Totals } from '@creatorflow/shared/live-state'
import fc from 'fast-check'

/** What happened in a shop, in whole minor units: the truth from which both payloads and totals are made. */
interface Sale {
  readonly lines: readonly {
    readonly price: number
    readonly quantity: number
    readonly discountShare: number
    readonly taxShare: number
    readonly special: 'goods' | 'gift card' | 'tip'
  }[]
  readonly payment: 'at once' | 'later' | 'never'
  /** Which deliveries of an immediately paid order arrive. */
  readonly told: 'both' | 'created' | 'paid'
  readonly isTest: boolean
  readonly isCancelled: boolean
  readonly taxesIncluded: boolean
  readonly refund: 'none' | 'part' | 'whole' | 'less' | 'more' | 'shipping'
  readonly restock: 'return' | 'cancel' | 'no_restock'
  readonly parcel: 'none' | 'packed' | 'on its way' | 'there'
}

export const sales: fc.Arbitrary<readonly Sale[]> = fc.array(
  fc.record({
    lines: fc.array(
      fc.record({
        price: fc.integer({ min: 100, max: 500_000 }),
        quantity: fc.integer({ min: 1, max: 5 }),
        discountShare: fc.constantFrom(0, 0, 0.1, 0.333, 1),
        taxShare: fc.constantFrom(0, 0.07, 0.19),
        special: fc.constantFrom('goods', 'goods', 'goods', 'gift card', 'tip'),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    payment: fc.constantFrom('at once', 'at once', 'later', 'never'),
    told: fc.constantFrom('both', 'created', 'paid'),
    isTest: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    isCancelled: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
    taxesIncluded: fc.boolean(),
    refund: fc.constantFrom('none', 'part', 'whole', 'less', 'more', 'shipping'),
    restock: fc.constantFrom('return', 'cancel', 'no_restock'),
    parcel: fc.constantFrom('none', 'packed', 'on its way', 'there'),
  }),
  { minLength: 1, maxLength: 8 },
)

export interface ModelDelivery {
  readonly topic: string
  readonly body: object
}

export const DAY = '2025-06-01'
const times = (hour: number) => `${DAY}T${String(hour).padStart(2, '0')}:30:00-04:00`

/** The deliveries of a shop in order, and their expected result. */
export function tell(
  given: readonly Sale[],
  currency: string,
): { readonly log: ModelDelivery[]; readonly totals: Totals } {
  const log: ModelDelivery[] = []
  const totals: Record<string, number> = {}
  const add = (name: string, n: number) => {
    totals[name] = (totals[name] ?? 0) + n
  }
  const decimal = (units: number): string => {
    const exponent = exponentOf(currency)
    const digits = String(Math.abs(units)).padStart(exponent + 1, '0')
    const whole = digits.slice(0, digits.length - exponent)
    return `${units < 0 ? '-' : ''}${whole}${exponent ? `.${digits.slice(-exponent)}` : ''}`
  }
  const money = (units: number) => ({
    shop_money: { amount: decimal(units), currency_code: currency },
    // The buyer saw another number, which must not matter.
    presentment_money: { amount: '1.11', currency_code: 'CAD' },
  })

  given.forEach((sale, n) => {
    const id = 5_000_000_000_000 + n
    const lines = sale.lines.map((line, m) => {
      const gross = line.price * line.quantity
      const discount = Math.floor(gross * line.discountShare)
      const due = gross - discount
      const tax = Math.floor(due * line.taxShare)
      return { ...line, id: id * 10 + m, discount, due, tax }
    })
    const payloadLines = lines.map((line) => ({
      id: line.id,
      product_id: line.id + 1,
      variant_id: line.id + 2,
      title: 'Mug',
      quantity: line.quantity,
      price: decimal(line.price),
      price_set: money(line.price),
      discount_allocations: line.discount
        ? [
            { amount: decimal(line.discount - 1), amount_set: money(line.discount - 1) },
            { amount: decimal(1), amount_set: money(1) },
          ]
        : [],
      tax_lines: line.tax ? [{ price: decimal(line.tax), price_set: money(line.tax) }] : [],
      gift_card: line.special === 'gift card',
      ...(line.special === 'tip' && { tip: { payment_gateway: 'x' } }),
    }))
    const order = (status: string, cancelled = false) => ({
      id,
      admin_graphql_api_id: `gid://shopify/Order/${id}`,
      created_at: times(10),
      processed_at: times(9),
      // No earlier than the refunds it knows of.
      updated_at: times(status === 'refunded' ? 15 : 11),
      cancelled_at: cancelled ? times(13) : null,
      currency,
      presentment_currency: 'CAD',
      financial_status: status,
      taxes_included: sale.taxesIncluded,
      test: sale.isTest,
      email: 'bob@example.com',
      customer: { id: id + 7, email: 'bob@example.com', first_name: 'Bob' },
      line_items: payloadLines,
    })
    const isPaid = sale.payment !== 'never'
    const told = sale.payment === 'at once' ? sale.told : 'both'
    if (told !== 'paid') {
      const status = sale.payment === 'at once' ? 'paid' : 'pending'
      log.push({ topic: 'orders/create', body: order(status) })
    }
    if (isPaid && told !== 'created') log.push({ topic: 'orders/paid', body: order('paid') })
    const counts = !sale.isTest
    const netOf = (due: number, tax: number) => (sale.taxesIncluded ? due - tax : due)
    const goods = lines.filter(({ special }) => special === 'goods')
    if (counts) {
      add('created_orders', 1)
      if (isPaid && goods.length > 0) add('main_orders', 1)
      for (const { due, tax, quantity } of isPaid ? goods : []) {
        add('gmv', netOf(due, tax))
        add('items_sold', quantity)
      }
    }

    if (isPaid && sale.refund !== 'none') {
      const items = (sale.refund === 'shipping' || sale.refund === 'more' ? [] : lines).map(
        (line, m) => {
          const quantity = sale.refund === 'part' ? Math.ceil(line.quantity / 2) : line.quantity
          const share = (units: number) => Math.floor((units * quantity) / line.quantity)
          return { line, m, quantity, subtotal: share(line.due), tax: share(line.tax) }
        },
      )
      const sold = items.filter(({ line }) => line.special === 'goods')
      const sum = (values: number[]) => values.reduce((a, b) => a + b, 0)
      const net = sum(sold.map(({ subtotal, tax }) => netOf(subtotal, tax)))
      const shipping = 50
      // Less or more than was due for the goods is corrected by an adjustment.
      const kept = sale.refund === 'less' ? Math.floor(net / 3) : 0
      const more = sale.refund === 'more' ? 77 : 0
      const adjustments = [
        { kind: 'shipping_refund', amount: -shipping, tax: -3 },
        ...(kept ? [{ kind: 'refund_discrepancy', amount: kept, tax: 0 }] : []),
        ...(more ? [{ kind: 'refund_discrepancy', amount: -more, tax: 0 }] : []),
      ]
      const paid =
        sum(items.map(({ subtotal, tax }) => subtotal + (sale.taxesIncluded ? 0 : tax))) -
        sum(adjustments.map(({ amount, tax }) => amount + tax))
      const refundId = id + 900_000
      log.push({
        topic: 'refunds/create',
        body: {
          id: refundId,
          order_id: id,
          created_at: times(14),
          restock: true,
          refund_line_items: items.map(({ line, m, quantity, subtotal, tax }) => ({
            id: refundId * 10 + m,
            line_item_id: line.id,
            quantity,
            restock_type: sale.restock,
            // Shopify writes these two as numbers.
            subtotal: Number(decimal(subtotal)),
            subtotal_set: money(subtotal),
            total_tax: Number(decimal(tax)),
            total_tax_set: money(tax),
            line_item: payloadLines[m],
          })),
          order_adjustments: adjustments.map(({ kind, amount, tax }) => ({
            kind,
            amount: decimal(amount),
            amount_set: money(amount),
            tax_amount: decimal(tax),
            tax_amount_set: money(tax),
          })),
          transactions: [
            {
              kind: 'refund',
              status: 'success',
              amount: decimal(paid),
              currency,
              test: sale.isTest,
            },
            { kind: 'refund', status: 'failure', amount: '9999', currency, test: sale.isTest },
          ],
        },
      })
      if (counts) {
        // More than was sold is goodwill.
        const sales = sum(goods.map(({ due, tax }) => netOf(due, tax)))
        add('refunds', Math.min(sales, Math.max(0, net - kept) + more))
        if (sale.restock === 'return') {
          add('returned_items', sum(sold.map((item) => item.quantity)))
        }
      }
    }
    if (sale.isCancelled) {
      log.push({ topic: 'orders/cancelled', body: order(isPaid ? 'refunded' : 'voided', true) })
      if (counts) add('cancelled_orders', 1)
    }
    if (sale.parcel !== 'none' && counts) {
      const parcel = {
        id: id + 400_000,
        order_id: id,
        created_at: times(12),
        status: 'success',
        destination: { first_name: 'Bob' },
      }
      add('fulfilled_orders', 1)
      log.push({ topic: 'fulfillments/create', body: { ...parcel, shipment_status: null } })
      const statuses = {
        packed: [],
        'on its way': ['in_transit'],
        there: ['in_transit', 'delivered'],
      }
      for (const [m, shipment_status] of statuses[sale.parcel].entries()) {
        add(shipment_status === 'delivered' ? 'delivered_orders' : 'shipped_orders', 1)
        const updated_at = times(15 + m)
        log.push({ topic: 'fulfillments/update', body: { ...parcel, shipment_status, updated_at } })
      }
    }
  })
  return { log, totals: totals as Totals }
}
