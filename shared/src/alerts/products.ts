import { cellOf } from '../columns.ts'
import { burnOf, observe, type Sample as Seen } from '../insights/burn-rate.ts'
import { MINUTE_MS, rowOf } from '../live-state.ts'
import { own } from '../own.ts'
import { changedProducts } from './changed.ts'
import type { ConditionOf } from './condition.ts'
import {
  higher,
  type Kind,
  lower,
  type Measured,
  type MemoryOf,
  type Reads,
  unknownSignal,
} from './kind.ts'
import type { LiveView, View } from './view.ts'

/** The products of each LIVE whose stock is reported, or the one that is asked for; of all of them those that changed. */
function ofProducts(
  productId: string | null,
  view: View,
  measure: (live: LiveView, id: string, stock: number) => Measured,
  reads: Reads = {},
): Measured[] {
  return view.lives.flatMap((live) =>
    changedProducts(idsOf(productId, view, live), view, live, reads).map((id) => {
      const stock = own(view.state.stock, id)
      return stock === undefined
        ? {
            session_id: live.session_id,
            subject: id,
            value: null,
            missing: 'its stock is not reported',
          }
        : measure(live, id, stock)
    }),
  )
}

/** Of all products, those whose stock is reported: of the others there is nothing to say. */
function idsOf(productId: string | null, { state }: View, { live }: LiveView): readonly string[] {
  if (productId !== null) return [productId]
  return Object.keys(live.product_rows).filter((id) => Object.hasOwn(state.stock, id))
}

const soldOf = ({ live }: LiveView, id: string, metric: 'items_sold' | 'product_clicks') =>
  cellOf(live.products, metric, rowOf(live.product_rows, id))

/** How long the stock of a product lasts at the rate of the last minutes. */
export const runsOut: Kind<ConditionOf<'runs_out'>> = {
  measure: ({ product_id }, view, memoryOf) =>
    ofProducts(product_id, view, (live, id, stock) => {
      const of = { session_id: live.session_id, subject: id }
      const before = memoryOf(live.session_id, id) as readonly Seen[] | undefined
      const sold = soldOf(live, id, 'items_sold')
      const clicks = soldOf(live, id, 'product_clicks')
      const look = { [id]: { at: view.now, sold, clicks, stock } }
      const memory = observe(before ? { [id]: before } : {}, look)[id]
      const burn = burnOf(memory, view.now)
      const facts = { left: stock }
      // Sold out is not running out: there is an insight of its own for that.
      if (stock <= 0) return { ...of, value: null, missing: 'it is sold out', facts, memory }
      return { ...of, value: burn?.goneInMinutes ?? Number.MAX_SAFE_INTEGER, facts, memory }
    }),
  judge({ minutes }, measured) {
    const { value, facts = {} } = measured
    if (value === null) return unknownSignal(measured)
    const isSelling = value < Number.MAX_SAFE_INTEGER
    return {
      // Back at a quarter more: a rate swings around its line by itself.
      phase: value < minutes ? 'breach' : value < minutes * 1.25 ? 'near' : 'clear',
      value,
      why: { kind: 'runs_out', left: Number(facts.left), minutes: isSelling ? value : null },
    }
  },
  further: () => lower,
  measuredBy: ({ product_id }) => ({ product_id }),
}

const readsOfOversold: Reads = { products: ['items_sold'], parts: ['product_rows'], stock: true }

interface Reported {
  readonly stock: number
  /** Sold by then. */
  readonly sold: number
}

/** More sold since the last report of stock than it said was left. */
export const oversold: Kind<ConditionOf<'oversold'>> = {
  measure({ product_id }, view, memoryOf) {
    const measure = (live: LiveView, id: string, stock: number): Measured => {
      const { session_id } = live
      const sold = soldOf(live, id, 'items_sold')
      const memory = reported(memoryOf, session_id, id, { stock, sold })
      const since = sold - memory.sold
      const facts = { sold: since, left: stock }
      return { session_id, subject: id, value: since - stock, facts, memory }
    }
    return ofProducts(product_id, view, measure, readsOfOversold)
  },
  judge(_, measured) {
    const { value, facts = {} } = measured
    if (value === null) return unknownSignal(measured)
    return {
      phase: value > 0 ? 'breach' : 'clear',
      value,
      why: { kind: 'oversold', sold: Number(facts.sold), left: Number(facts.left) },
    }
  },
  further: () => higher,
  measuredBy: ({ product_id }) => ({ product_id }),
  reads: () => readsOfOversold,
}

function reported(memoryOf: MemoryOf, sessionId: string, id: string, now: Reported): Reported {
  const before = memoryOf(sessionId, id) as Reported | undefined
  return before && before.stock === now.stock && before.sold <= now.sold ? before : now
}

/** How long the current pin has been up without a click. */
export const pinWithoutClick: Kind<ConditionOf<'pin_without_click'>> = {
  measure: (_, view) =>
    view.lives.flatMap((live): Measured[] => {
      const pin = live.live.pin_marks.at(-1)
      if (!pin || pin.product_id === null) return []
      const of = { session_id: live.session_id, subject: pin.id }
      if (!live.live.totals.product_clicks)
        return [{ ...of, value: null, missing: 'no product clicks reported' }]
      const clicks = cellOf(live.live.pins, 'product_clicks', rowOf(live.live.pin_rows, pin.id))
      const minutes = (view.now - pin.ts) / MINUTE_MS
      return [{ ...of, value: clicks > 0 ? 0 : Math.max(0, minutes), facts: { clicks } }]
    }),
  judge({ minutes }, measured) {
    const { value, facts = {} } = measured
    if (value === null) return unknownSignal(measured)
    return {
      phase: value >= minutes ? 'breach' : 'clear',
      value,
      why: { kind: 'pin', minutes: value, clicks: Number(facts.clicks) },
    }
  },
  further: () => higher,
  measuredBy: () => ({}),
}
