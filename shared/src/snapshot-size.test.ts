import { afterEach, expect, test, vi } from 'vitest'
import type { EventType } from './event-types.ts'
import { fold as foldNow } from './fold.ts'
import {
  emptyState,
  type LiveEntry,
  type LiveState,
  snapshotOf,
  stateLimits,
} from './live-state.ts'
import { productMetricIds, seriesMetricIds, tensMetricIds } from './metrics.ts'
import type { NumberedEvent } from './numbered-event.ts'
import { catalogueOf, metric, withMore } from './test/more-metrics.ts'
import { at, MINUTE_MS, numbered } from './test/numbered-events.ts'

const ofTens: readonly EventType[] = ['payment_completed', 'product_click', 'viewer_count']

/** Largest snapshot for a joining screen, bytes. */
const MAX_SNAPSHOT_BYTES = 256_000

const busy: readonly EventType[] = [
  'payment_completed',
  'product_click',
  'product_impression',
  'add_to_cart',
  'checkout_initiated',
  'viewer_joined',
  'live_impression',
  'comment',
  'like',
  'share',
  'follow',
  'gift',
  'viewer_count',
]

type Catalogue = typeof import('./metrics.ts')

afterEach(() => {
  vi.doUnmock('./metrics.ts')
  vi.resetModules()
})

test('[P6][TOTAL-2] the snapshot of the fullest state is at most 256 kB', () => {
  expectFull(fullState(foldNow), { seriesMetricIds, tensMetricIds, productMetricIds })
})

test('[P6][TOTAL-2] the snapshot stays within 256 kB with ten more series metrics', async () => {
  vi.resetModules()
  vi.doMock('./metrics.ts', async (load) => {
    const actual = await load<Catalogue>()
    const more = busy.slice(0, 10).map((type, n) => {
      // Five with hundreds each minute, five with a single one.
      const from = { [type]: [n % 2 ? 'units' : 'rows'] } as const
      return [`more_${n}`, metric(`More ${n}`, { from, series: 'minutes' })]
    })
    return catalogueOf(actual, withMore(actual, Object.fromEntries(more)))
  })
  const catalogue = await import('./metrics.ts')
  expect(catalogue.seriesMetricIds).toHaveLength(seriesMetricIds.length + 10)
  const later = await import('./fold.ts')
  expectFull(fullState(later.fold), catalogue)
})

type Kept = Pick<Catalogue, 'seriesMetricIds' | 'tensMetricIds' | 'productMetricIds'>

/** Whether every bucket and row has a value of every metric, and it fits. */
function expectFull(state: LiveState, catalogue: Kept): void {
  const live = state.lives['live-9'] as LiveEntry
  expect(Object.keys(live.product_rows)).toHaveLength(stateLimits.products)
  expect(Object.keys(live.pin_rows)).toHaveLength(stateLimits.pins)
  for (const id of catalogue.seriesMetricIds) {
    expect([id, live.minutes[id]?.filter((value) => value > 0).length]).toEqual([
      id,
      stateLimits.minutes,
    ])
  }
  for (const id of catalogue.tensMetricIds) {
    expect([id, live.tens[id]?.filter((value) => value > 0).length]).toEqual([
      id,
      stateLimits.tenSeconds,
    ])
  }
  const parts = Object.entries({ ...state, ...live }).map(
    ([name, part]) => `${name}: ${JSON.stringify(part)?.length}`,
  )
  const bytes = Buffer.byteLength(JSON.stringify(snapshotOf(state, 'live-9')))
  expect(bytes, parts.join(', ')).toBeLessThanOrEqual(MAX_SNAPSHOT_BYTES)
}

/** Two days, eight LIVEs, one of them a day and a night long with more products and pins than are held. */
function fullState(fold: typeof foldNow): LiveState {
  const events: Omit<NumberedEvent, 'seq'>[] = []
  const add = (type: EventType, live: number, minute: number, product: number) => {
    const ts = at + live * 1_000 + minute * MINUTE_MS
    events.push({
      type,
      ts,
      id: `7309142226443193${String(events.length).padStart(6, '0')}`,
      day: minute % 2 ? '2026-03-02' : '2026-03-03',
      session_id: `live-${live}`,
      live_started_at: at + live * 1_000,
      product_id: `17293841232${String(product).padStart(8, '0')}`,
      pin_id: `73091422264${String(product).padStart(8, '0')}`,
      user_id: '6812345678901234567',
      label: `Silk scarf number ${product} with a long name`,
      units: 100 + product,
      money: 12_345,
      diamonds: 99,
      main_order: 1,
      sku_order: 1,
      live_first: 1,
      day_first: 1,
      level: 1_234,
      high: 45_678,
      quantity: 1,
    })
  }
  for (let live = 0; live < 10; live++) for (const type of busy) add(type, live, 0, live)
  for (let minute = 0; minute < 1_500; minute++) {
    for (const type of busy) add(type, 9, minute, minute % 600)
    if (minute < 600) add('product_pinned', 9, minute, minute)
    if (minute < 600) add('stock_level', 9, minute, minute)
  }
  // The last hour by ten seconds too.
  for (let ten = 0; ten < 360; ten++) {
    const minute = 1_499 - ten / 6
    for (const type of ofTens) add(type, 9, minute, ten)
  }
  return fold(emptyState(), numbered(events as NumberedEvent[]))
}
