import type { EventType } from './event-types.ts'

/** Why an event belongs to its LIVE: it named it, its order does, or its time lies in it (an estimate). */
export type Attribution = 'session' | 'order' | 'time'

/**
 * A written event: numbered, attributed and turned into increments. `tail`, the bus and the fold carry it in
 * this shape; an absent field is 0 or unknown. Times are epoch ms, money is minor units of the creator's
 * currency.
 */
export interface NumberedEvent {
  readonly seq: number
  readonly ts: number
  readonly id: string
  readonly type: EventType
  /** Local date of `ts` in the creator's zone, `YYYY-MM-DD`. */
  readonly day: string
  readonly session_id?: string
  readonly attribution?: Attribution
  /** When the LIVE started, as known when this event was written. */
  readonly live_started_at?: number
  /** 1 on the first event of a LIVE: whoever missed it does not hold the LIVE. */
  readonly opens_live?: number
  readonly pin_id?: string
  readonly product_id?: string
  readonly user_id?: string
  readonly quantity?: number
  readonly amount?: number
  readonly currency?: string
  /** Name of a product, a gift or a LIVE, for the screen. */
  readonly label?: string
  /** What the event adds to sums. */
  readonly units?: number
  /** The part of a first running total from before we watched: in totals, not in series. */
  readonly opening?: number
  readonly money?: number
  readonly diamonds?: number
  readonly main_order?: number
  readonly sku_order?: number
  /** 1 at the first sight of its person in this LIVE, on this local day, ever. */
  readonly live_first?: number
  readonly day_first?: number
  readonly ever_first?: number
  /**
   * 1 for what is left out of the sums: an order or amount in another currency, and viewers reported before
   * the start or after the end.
   */
  readonly excluded?: number
  /** A level: viewers now; a product's stock over all its SKUs. */
  readonly level?: number
  /** The level was overtaken by an event no longer in the log. */
  readonly superseded?: true
  /** A running total reported by the platform: people who came so far. */
  readonly high?: number
}

/** An order among one creator's events that no arrival can change: time, then id. */
export function isLater(a: { ts: number; id: string }, b: { ts: number; id: string }): boolean {
  return a.ts > b.ts || (a.ts === b.ts && a.id > b.id)
}
