import type { EventType } from '../event-types.ts'
import type { Excluded, Totals } from '../live-state.ts'
import { type MetricId, productMetricIds } from '../metrics.ts'
import { localDay } from '../present.ts'

/** Totals of one LIVE or local day, and what another currency left out of them. */
export interface TrueTotals {
  readonly totals: Totals
  readonly excluded: Readonly<Record<string, Excluded>>
}

/**
 * The truth about a simulated LIVE, counted from the simulator's own decisions; no event was read for it.
 * Money is minor units, times are epoch ms, absent values are 0.
 */
export interface GroundTruth extends TrueTotals {
  readonly session_id: string
  readonly started_at: number
  /** Null until the LIVE has ended. */
  readonly ended_at: number | null
  /** Length without pauses; so far while it runs. */
  readonly on_air_ms: number
  readonly events: number
  readonly events_by_type: Readonly<Partial<Record<EventType, number>>>
  /** The last reported number of viewers. */
  readonly viewers_now: { readonly value: number; readonly ts: number; readonly id: string } | null
  /** By local date, of this LIVE alone: other LIVEs of a day add to it, people by the union of ids. */
  readonly days: Readonly<Record<string, TrueTotals>>
  /** Day metrics that depend on the order of arrival, because what they count crossed midnight. */
  readonly order_dependent: readonly MetricId[]
  /** By product and by pin, the catalogue's product metrics. */
  readonly products: Readonly<Record<string, Totals>>
  readonly pins: Readonly<Record<string, Totals>>
  /** Last reported stock of a product over all its SKUs. */
  readonly stock: Readonly<Record<string, number>>
  readonly people: {
    readonly viewers: readonly string[]
    readonly customers: readonly string[]
    /** Who paid or was reported as acquired: the size of the union over LIVEs is `new_customers`. */
    readonly known_customers: readonly string[]
    readonly viewers_by_day: Readonly<Record<string, readonly string[]>>
    readonly customers_by_day: Readonly<Record<string, readonly string[]>>
  }
}

export interface Of {
  readonly product?: string | undefined
  readonly pin?: string | undefined
}

/** Where the simulator records what it does, when it does it. */
export interface Ledger {
  event(type: EventType): void
  add(metric: MetricId, amount: number, ts: number, of?: Of): void
  atLeast(metric: MetricId, value: number, ts: number): void
  /** A running total was announced: only what exceeds the greatest one so far is new. Returns that part. */
  running(key: string, value: number, ts: number): number
  viewer(id: string, ts: number): void
  customer(id: string, ts: number): void
  knownCustomer(id: string, ts: number): void
  excluded(currency: string, part: keyof Excluded, ts: number): void
  stock(product: string, sku: string, left: number): void
  truth(live: LiveFacts): GroundTruth
}

export type LiveFacts = Pick<
  GroundTruth,
  'session_id' | 'started_at' | 'ended_at' | 'on_air_ms' | 'viewers_now'
>

interface Page {
  readonly totals: Totals
  readonly excluded: Record<string, { orders: number; entries: number }>
  readonly viewers: Set<string>
  readonly customers: Set<string>
}

const QUARTER_HOUR_MS = 900_000
const keptByProduct: ReadonlySet<MetricId> = new Set(productMetricIds)
const runningMetrics = ['likes', 'gifts', 'diamonds'] as const

export function createLedger(timeZone: string): Ledger {
  const { live, days, dayOf, pagesAt } = createPages(timeZone)
  const products = new Map<string, Totals>()
  const pins = new Map<string, Totals>()
  const greatest = new Map<string, number>()
  const runningDays = new Set<string>()
  const firstDayOfCustomer = new Map<string, string>()
  const stock = new Map<string, Map<string, number>>()
  const byType: Partial<Record<EventType, number>> = {}
  let events = 0
  let customersCrossedMidnight = false

  const increase = (totals: Totals, metric: MetricId, amount: number) => {
    totals[metric] = (totals[metric] ?? 0) + amount
  }
  const addTo = (kept: Map<string, Totals>, id: string, metric: MetricId, amount: number) => {
    let totals = kept.get(id)
    if (!totals) {
      totals = {}
      kept.set(id, totals)
    }
    increase(totals, metric, amount)
  }

  const ledger: Ledger = {
    event(type) {
      events++
      byType[type] = (byType[type] ?? 0) + 1
    },
    add(metric, amount, ts, of) {
      for (const page of pagesAt(ts)) increase(page.totals, metric, amount)
      if (!of || !keptByProduct.has(metric)) return
      if (of.product !== undefined) addTo(products, of.product, metric, amount)
      if (of.pin !== undefined) addTo(pins, of.pin, metric, amount)
    },
    atLeast(metric, value, ts) {
      for (const { totals } of pagesAt(ts)) totals[metric] = Math.max(totals[metric] ?? 0, value)
    },
    running(key, value, ts) {
      runningDays.add(dayOf(ts))
      const before = greatest.get(key) ?? 0
      if (value <= before) return 0
      greatest.set(key, value)
      return value - before
    },
    viewer(id, ts) {
      for (const page of pagesAt(ts)) page.viewers.add(id)
    },
    customer(id, ts) {
      for (const page of pagesAt(ts)) page.customers.add(id)
      ledger.knownCustomer(id, ts)
    },
    knownCustomer(id, ts) {
      const day = dayOf(ts)
      const first = firstDayOfCustomer.get(id)
      if (first === undefined) {
        firstDayOfCustomer.set(id, day)
        ledger.add('new_customers', 1, ts)
      } else if (first !== day) customersCrossedMidnight = true
    },
    excluded(currency, part, ts) {
      for (const { excluded } of pagesAt(ts)) {
        excluded[currency] ??= { orders: 0, entries: 0 }
        excluded[currency][part]++
      }
    },
    stock(product, sku, left) {
      let skus = stock.get(product)
      if (!skus) {
        skus = new Map()
        stock.set(product, skus)
      }
      skus.set(sku, left)
    },
    truth: (facts) => ({
      ...facts,
      ...closed(live),
      events,
      events_by_type: { ...byType },
      days: mapped(days, closed),
      order_dependent: [
        ...(runningDays.size > 1 ? runningMetrics : []),
        ...(customersCrossedMidnight ? (['new_customers'] as const) : []),
      ],
      products: mapped(products, (totals) => ({ ...totals })),
      pins: mapped(pins, (totals) => ({ ...totals })),
      stock: mapped(stock, (skus) => [...skus.values()].reduce((sum, left) => sum + left, 0)),
      people: {
        viewers: [...live.viewers],
        customers: [...live.customers],
        known_customers: [...firstDayOfCustomer.keys()],
        viewers_by_day: mapped(days, (page) => [...page.viewers]),
        customers_by_day: mapped(days, (page) => [...page.customers]),
      },
    }),
  }
  return ledger
}

/** The page of the LIVE, and one for each local day. */
function createPages(timeZone: string) {
  const live = emptyPage()
  const days = new Map<string, Page>()
  const dayNames = new Map<number, string>()

  function dayOf(ts: number): string {
    // Every zone in use is a multiple of 15 min, and computing it for each event would take most of the time.
    const quarter = Math.floor(ts / QUARTER_HOUR_MS)
    let name = dayNames.get(quarter)
    if (name === undefined) {
      name = localDay(ts, timeZone)
      dayNames.set(quarter, name)
    }
    return name
  }
  function pagesAt(ts: number): readonly [Page, Page] {
    const name = dayOf(ts)
    let page = days.get(name)
    if (!page) {
      page = emptyPage()
      days.set(name, page)
    }
    return [live, page]
  }
  return { live, days, dayOf, pagesAt }
}

function emptyPage(): Page {
  return { totals: {}, excluded: {}, viewers: new Set(), customers: new Set() }
}

function closed({ totals, excluded, viewers, customers }: Page): TrueTotals {
  return {
    totals: {
      ...totals,
      ...(viewers.size > 0 && { viewers: viewers.size }),
      ...(customers.size > 0 && { customers: customers.size }),
    },
    excluded: structuredCopy(excluded),
  }
}

function structuredCopy(excluded: Page['excluded']): Record<string, Excluded> {
  return Object.fromEntries(Object.entries(excluded).map(([key, parts]) => [key, { ...parts }]))
}

function mapped<V, R>(map: ReadonlyMap<string, V>, change: (value: V) => R): Record<string, R> {
  return Object.fromEntries([...map].map(([key, value]) => [key, change(value)]))
}
