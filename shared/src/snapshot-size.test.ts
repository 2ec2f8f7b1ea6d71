import { expect, test } from 'vitest'
import type { EventType } from './event-types.ts'
import { fold } from './fold.ts'
import { emptyState, type LiveState, snapshotOf, stateLimits } from './live-state.ts'
import type { NumberedEvent } from './numbered-event.ts'
import { at, MINUTE_MS, numbered } from './test/numbered-events.ts'

/** What a screen may be sent when it joins, bytes. */
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

test('[P6][STATE-8] the snapshot of the fullest state is at most 256 kB', () => {
  const state = fullState()
  const live = state.lives['live-9']
  expect(Object.keys(live?.products ?? {})).toHaveLength(stateLimits.products)
  expect(Object.keys(live?.pins ?? {})).toHaveLength(stateLimits.pins)
  expect(Object.keys(live?.minutes ?? {})).toHaveLength(stateLimits.minutes)
  const parts = Object.entries({ ...state, ...live }).map(
    ([name, part]) => `${name}: ${JSON.stringify(part)?.length}`,
  )
  const bytes = Buffer.byteLength(JSON.stringify(snapshotOf(state, 'live-9')))
  expect(bytes, parts.join(', ')).toBeLessThanOrEqual(MAX_SNAPSHOT_BYTES)
})

/** Two days, eight LIVEs, one of them a day and a night long with more products and pins than are held. */
function fullState(): LiveState {
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
  return fold(emptyState(), numbered(events as NumberedEvent[]))
}
