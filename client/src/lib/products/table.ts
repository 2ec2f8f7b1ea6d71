import { cellOf } from '@creatorflow/shared/columns'
import {
  type LiveDetail,
  type LiveState,
  type PinMark,
  productName,
  rowOf,
} from '@creatorflow/shared/live-state'
import { derivedValue, type MetricId } from '@creatorflow/shared/metrics'

/** A part of the LIVE, both ends between 0 (start) and 1 (end or now). */
export interface PinBar {
  readonly from: number
  readonly to: number
}

export interface ProductRow {
  readonly id: string
  readonly name: string
  readonly impressions: number
  readonly clicks: number
  readonly carts: number
  /** SKU orders. */
  readonly orders: number
  readonly sold: number
  readonly gmv: number
  /** SKU orders ÷ clicks; null without clicks. */
  readonly coRate: number | null
  /** Stock left; null if nobody reports it. */
  readonly stock: number | null
  readonly pinnedNow: boolean
  readonly pins: readonly PinBar[]
  /** The same pins with their own numbers, newest first. */
  readonly segments: readonly PinSegment[]
}

/** A product during one pin. */
export interface PinSegment {
  readonly id: string
  /** Epoch ms. */
  readonly from: number
  /** Null while it is pinned. */
  readonly to: number | null
  readonly clicks: number
  readonly orders: number
  readonly gmv: number
  /** GMV per 1,000 impressions of the product; null without impressions. */
  readonly gpm: number | null
}

export interface ProductTable {
  readonly rows: readonly ProductRow[]
  /** All products past the limit; null if there are none. */
  readonly other: { readonly clicks: number; readonly gmv: number } | null
}

interface Span {
  readonly started_at: number
  readonly ended_at: number | null
}

type Products = Pick<LiveDetail, 'products' | 'product_rows' | 'product_names' | 'products_other'>
type Pins = Pick<LiveDetail, 'pins' | 'pin_rows' | 'pin_marks'>

/** The products of a LIVE, the pinned one first, then by GMV and clicks. */
export function calculateProducts(
  live: Products & Pins,
  stock: LiveState['stock'],
  span: Span,
  now: number,
): ProductTable {
  const pinned = pinnedProduct(live.pin_marks, span)
  const rows = Object.entries(live.product_rows).map(([id, row]): ProductRow => {
    const of = (metric: MetricId) => cellOf(live.products, metric, row)
    return {
      id,
      name: productName(live, id) ?? id,
      impressions: of('product_impressions'),
      clicks: of('product_clicks'),
      carts: of('add_to_carts'),
      orders: of('sku_orders'),
      sold: of('items_sold'),
      gmv: of('gmv'),
      coRate: derivedValue('c_o_rate', of),
      stock: Object.hasOwn(stock, id) ? (stock[id] ?? null) : null,
      pinnedNow: id === pinned,
      pins: pinBars(live.pin_marks, id, span, now),
      segments: pinSegments(live, id, span),
    }
  })
  rows.sort(
    (a, b) =>
      Number(b.pinnedNow) - Number(a.pinnedNow) ||
      b.gmv - a.gmv ||
      b.clicks - a.clicks ||
      (a.id < b.id ? -1 : 1),
  )
  const { product_clicks: clicks = 0, gmv = 0 } = live.products_other
  return { rows, other: clicks > 0 || gmv > 0 ? { clicks, gmv } : null }
}

/** The currently pinned product; null if none is. */
export function pinnedProduct(marks: readonly PinMark[], { ended_at }: Span): string | null {
  return ended_at === null ? (marks.at(-1)?.product_id ?? null) : null
}

function pinBars(marks: readonly PinMark[], id: string, span: Span, now: number): PinBar[] {
  const until = span.ended_at ?? now
  const length = Math.max(1, until - span.started_at)
  const share = (ts: number) => Math.min(Math.max((ts - span.started_at) / length, 0), 1)
  const bars: PinBar[] = []
  marks.forEach((mark, at) => {
    if (mark.product_id !== id) return
    bars.push({ from: share(mark.ts), to: share(marks[at + 1]?.ts ?? until) })
  })
  return bars
}

function pinSegments(
  { pins, pin_rows, pin_marks }: Pins,
  id: string,
  { ended_at }: Span,
): PinSegment[] {
  const segments = pin_marks.flatMap((mark, at): PinSegment[] => {
    if (mark.product_id !== id) return []
    const row = rowOf(pin_rows, mark.id)
    const of = (metric: MetricId) => cellOf(pins, metric, row)
    return [
      {
        id: mark.id,
        from: mark.ts,
        to: pin_marks[at + 1]?.ts ?? ended_at,
        clicks: of('product_clicks'),
        orders: of('sku_orders'),
        gmv: of('gmv'),
        gpm: derivedValue('product_gpm', of),
      },
    ]
  })
  return segments.reverse()
}
