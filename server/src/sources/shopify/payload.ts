import { z } from 'zod'

// Only fields that are used: names, addresses and other personal data are dropped with the rest.

/** A number as in the payload (`123`), or as GraphQL writes it (`gid://shopify/Order/123`). */
const id = z
  .union([z.string(), z.int()])
  .transform((value) => String(value).replace(/^gid:\/\/shopify\/\w+\//, ''))
  .pipe(z.string().regex(/^\d{1,30}$/, { error: 'must be a Shopify ID' }))
const decimal = z.union([z.string(), z.number()]).transform(String)
const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
const quantity = z.int().min(0)
const maybe = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value) => value ?? undefined)
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? [])

const money = maybe(z.object({ amount: decimal, currency_code: z.string() }))
const moneySet = maybe(z.object({ shop_money: money, presentment_money: money }))

const line = z.object({
  id,
  product_id: maybe(id),
  variant_id: maybe(id),
  title: maybe(z.string()),
  quantity,
  /** Less what was removed from the order again; since API 2024-01. */
  current_quantity: maybe(quantity),
  price: decimal,
  price_set: moneySet,
  total_discount: maybe(decimal),
  discount_allocations: maybe(z.array(z.object({ amount: decimal, amount_set: moneySet }))),
  tax_lines: list(z.object({ price: decimal, price_set: moneySet })),
  gift_card: maybe(z.boolean()),
  /** Present on tip lines. */
  tip: maybe(z.unknown()),
})
export type PaidLine = z.output<typeof line>

export const refundPayload = z.object({
  id,
  order_id: id,
  created_at: time,
  restock: maybe(z.boolean()),
  refund_line_items: list(
    z.object({
      id,
      quantity,
      line_item_id: maybe(id),
      line_item: maybe(line),
      subtotal: maybe(decimal),
      subtotal_set: moneySet,
      total_tax: maybe(decimal),
      total_tax_set: moneySet,
      restock_type: maybe(z.string()),
    }),
  ),
  order_adjustments: list(
    z.object({
      amount: decimal,
      amount_set: moneySet,
      tax_amount: maybe(decimal),
      tax_amount_set: moneySet,
      kind: maybe(z.string()),
    }),
  ),
  /** Since API 2024-10; before, shipping was among the adjustments. */
  refund_shipping_lines: list(
    z.object({ subtotal_amount_set: moneySet, tax_amount_set: moneySet }),
  ),
  transactions: list(
    z.object({
      kind: z.string(),
      status: z.string(),
      amount: decimal,
      currency: maybe(z.string()),
      test: maybe(z.boolean()),
    }),
  ),
})
export type RefundPayload = z.output<typeof refundPayload>

export const orderPayload = z.object({
  id,
  created_at: time,
  processed_at: maybe(time),
  updated_at: maybe(time),
  cancelled_at: maybe(time),
  currency: z.string(),
  financial_status: maybe(z.string()),
  taxes_included: maybe(z.boolean()),
  test: maybe(z.boolean()),
  customer: maybe(z.object({ id: maybe(id) })),
  line_items: list(line),
  refunds: list(refundPayload.extend({ order_id: maybe(id) })),
})
export type OrderPayload = z.output<typeof orderPayload>

export const editPayload = z.object({ order_edit: z.object({ order_id: id }) })

export const fulfillmentPayload = z.object({
  id,
  order_id: id,
  created_at: time,
  updated_at: maybe(time),
  status: maybe(z.string()),
  shipment_status: maybe(z.string()),
})

export const inventoryPayload = z.object({
  inventory_item_id: id,
  location_id: id,
  /** Absent if the item is not stocked there. Negative if more was sold than there is. */
  available: maybe(z.int()),
  updated_at: time,
})
