import { cellOf } from '../columns.ts'
import { type LiveEntry, productName, rowOf } from '../live-state.ts'
import { derivedValue, type MetricId } from '../metrics.ts'

/** What a pin sold while it was shown. Times are epoch ms, money minor units. */
export interface PinRow {
  readonly id: string
  readonly name: string
  readonly from: number
  readonly to: number
  readonly clicks: number
  /** SKU orders. */
  readonly orders: number
  readonly gmv: number
  /** GMV per 1,000 impressions of the product while it was pinned; null if none were reported. */
  readonly gpm: number | null
}

/** The pins of a LIVE, best sellers first. */
export function rankPins(live: LiveEntry, end: number): PinRow[] {
  const rows = live.pin_marks.flatMap((mark, index): PinRow[] => {
    if (mark.product_id === null) return []
    const row = rowOf(live.pin_rows, mark.id)
    const cell = (id: MetricId) => cellOf(live.pins, id, row)
    return [
      {
        id: mark.id,
        name: productName(live, mark.product_id) ?? mark.product_id,
        from: mark.ts,
        to: Math.max(mark.ts, Math.min(live.pin_marks[index + 1]?.ts ?? end, end)),
        clicks: cell('product_clicks'),
        orders: cell('sku_orders'),
        gmv: cell('gmv'),
        gpm: derivedValue('product_gpm', cell),
      },
    ]
  })
  return rows.sort((a, b) => b.gmv - a.gmv || b.clicks - a.clicks || a.from - b.from)
}
