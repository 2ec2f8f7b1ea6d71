import type { SimulatedProduct } from './shop.ts'

export interface OrderLine {
  readonly product: SimulatedProduct
  readonly sku: string | undefined
  readonly quantity: number
  /** Paid for the whole line after the discount, minor units. */
  readonly amount: number
  readonly discount: number
  pin: string | undefined
}

export interface Order {
  /** Counted over the LIVE, from 1. */
  readonly number: number
  /** Undefined for a sale whose source knows no orders. */
  readonly id: string | undefined
  /** Undefined for a guest. */
  readonly customer: string | undefined
  readonly currency: string
  /** False when it is not in the creator's currency: it is left out of the sums, its buyer is not. */
  readonly counted: boolean
  readonly lines: readonly OrderLine[]
}

/** Another currency than the creator's. */
export function otherCurrency(currency: string): string {
  return currency === 'EUR' ? 'GBP' : 'EUR'
}

/** What an event about this line names. */
export function fieldsOf(order: Order, { product, sku, pin }: OrderLine) {
  return {
    ...(order.id !== undefined && { order_id: order.id }),
    product_id: product.id,
    ...(sku !== undefined && { sku_id: sku }),
    ...(pin !== undefined && { pin_id: pin }),
  }
}
