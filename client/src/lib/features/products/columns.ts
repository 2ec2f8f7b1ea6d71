import { m } from '#messages'

/** The column that is always there. */
export const productColumn = {
  id: 'name',
  short: m.products_product(),
  name: m.products_product(),
} as const

/** Columns of counts, where there is room for them. */
export const allCounts = [
  { id: 'impressions', short: m.products_impr(), name: m.products_impr_impressions() },
  { id: 'clicks', short: m.products_clicks_2(), name: m.products_clicks_2() },
  { id: 'carts', short: m.products_carts(), name: m.products_carts_times_added_to_cart() },
  { id: 'orders', short: m.products_orders_2(), name: m.products_sku_orders() },
] as const

/** Columns of rates, where there is room for them. */
export const rates = [
  { id: 'coRate', short: m.products_c_o(), name: m.products_c_o_rate_sku_orders_clicks() },
] as const

/** The columns after them. */
export const others = [
  { id: 'gmv', short: m.products_gmv(), name: m.products_gmv() },
  { id: 'stock', short: m.products_stock(), name: m.products_stock_left() },
] as const
