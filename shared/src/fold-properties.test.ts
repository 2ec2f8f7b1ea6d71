import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyChanges, changesOf, type Path, stepsOf } from './changes.ts'
import { eventTypeNames } from './event-types.ts'
import { fold } from './fold.ts'
import { emptyState, type LiveState, snapshotOf, stateLimits, type Totals } from './live-state.ts'
import {
  type BaseMetric,
  baseMetricIds,
  type MetricId,
  type MetricScope,
  metrics,
} from './metrics.ts'
import type { NumberedEvent } from './numbered-event.ts'
import { shuffle } from './simulator/disorder.ts'
import { cellsById } from './test/cells.ts'
import { at, MINUTE_MS, numbered, opening } from './test/numbered-events.ts'

/** What an event adds by the catalogue, computed without the fold. */
function adds(id: MetricId, scope: MetricScope, event: NumberedEvent): number {
  const columns = (metrics[id] as BaseMetric).from[event.type]
  if (columns === undefined) return 0
  const read = Array.isArray(columns) ? columns : [(columns as Record<MetricScope, 'units'>)[scope]]
  return read.reduce(
    (sum, column) =>
      sum +
      (column === 'rows'
        ? 1
        : column === 'counted_rows'
          ? 1 - (event.excluded ?? 0)
          : (event[column as 'units'] ?? 0)),
    0,
  )
}

const eventOf = fc.record(
  {
    type: fc.constantFrom(...eventTypeNames),
    session_id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'),
    ts: fc.integer({ min: 0, max: 50 * MINUTE_MS }).map((later) => at + later),
    day: fc.constantFrom('2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04'),
    units: fc.nat(20),
    opening: fc.nat(300),
    money: fc.nat(9_000),
    diamonds: fc.nat(50),
    main_order: fc.nat(1),
    sku_order: fc.nat(1),
    live_first: fc.nat(1),
    day_first: fc.nat(1),
    ever_first: fc.nat(1),
    level: fc.nat(500),
    high: fc.nat(5_000),
    excluded: fc.nat(1),
    currency: fc.constantFrom('EUR', 'GBP'),
    product_id: fc.constantFrom('p', 'q'),
    pin_id: fc.constantFrom('pin-1', 'pin-2'),
    label: fc.constantFrom('Mug', 'Teapot'),
    attribution: fc.constantFrom('session' as const, 'order' as const, 'time' as const),
  },
  { requiredKeys: ['type', 'ts', 'day'] },
)
/** LIVEs start one after another, and every event knows when its own did. */
const logOf = fc.array(eventOf, { maxLength: 120 }).map((events) =>
  numbered(
    events.map((event) => ({
      ...event,
      session_id: event.session_id as string,
      live_started_at: at + (event.session_id?.charCodeAt(0) ?? 0) * 1_000 - 200_000,
    })),
  ).map(({ session_id, live_started_at, ...event }) =>
    session_id === undefined
      ? event
      : { ...event, session_id, live_started_at: live_started_at ?? at },
  ),
)

describe('whatever the log', () => {
  test('[TOTAL-1] totals of LIVEs and days are what the catalogue sums over their events', () => {
    fc.assert(
      fc.property(logOf, (log) => {
        const state = fold(emptyState(), log)
        const check = (totals: Totals, scope: MetricScope, events: readonly NumberedEvent[]) => {
          for (const id of baseMetricIds) {
            const metric = metrics[id] as BaseMetric
            if (metric.merge === 'last' || !metric.scopes.includes(scope)) continue
            const parts = events.map((event) => adds(id, scope, event))
            const sum = parts.reduce((a, b) => a + b, 0)
            const expected = metric.merge === 'max' ? Math.max(0, ...parts) : sum
            expect([scope, id, totals[id] ?? 0]).toEqual([scope, id, expected])
          }
        }
        for (const [session, { totals }] of Object.entries(state.lives)) {
          const events = log.filter(({ session_id }) => session_id === session)
          check(totals, 'live', events)
        }
        const newest = [...new Set(log.map(({ day }) => day))].sort().slice(-stateLimits.days)
        expect(Object.keys(state.days).sort()).toEqual(newest)
        for (const [name, { totals }] of Object.entries(state.days)) {
          const events = log.filter(({ day }) => day === name)
          check(totals, 'day', events)
        }
      }),
      { numRuns: 150 },
    )
  })

  test('[TOTAL-1] a log folded in parts, through JSON, equals the log folded at once', () => {
    fc.assert(
      fc.property(logOf, fc.nat(120), (log, cut) => {
        const whole = fold(emptyState(), log)
        const first = fold(emptyState(), log.slice(0, cut))
        const stored = JSON.parse(JSON.stringify(first)) as LiveState
        expect(fold(stored, log.slice(cut))).toEqual(whole)
      }),
      { numRuns: 150 },
    )
  })

  test('[TOTAL-1] the touched cells are all that changed: a screen that applies them is exact', () => {
    fc.assert(
      fc.property(logOf, fc.nat(120), fc.constantFrom('a', 'e', 'j'), (log, cut, watched) => {
        const state = fold(emptyState(), log.slice(0, cut))
        let screen = structuredClone(snapshotOf(state, watched))
        const paths = new Set<Path>()
        fold(state, log.slice(cut), paths)
        const changes = structuredClone(changesOf(state, [...paths].map(stepsOf)))
        for (let twice = 0; twice < 2; twice++) {
          screen = applyChanges(screen, changes)
          expect({ ...screen, seq: state.seq }).toEqual(snapshotOf(state, watched))
        }
      }),
      { numRuns: 200 },
    )
  })

  test('[TOTAL-1] sums do not depend on the order of events, as long as nothing is dropped', () => {
    fc.assert(
      fc.property(logOf, fc.nat(), (log, seed) => {
        const few = log.filter(
          ({ session_id = 'a', day }) => session_id <= 'd' && day < '2026-03-03',
        )
        const inOrder = fold(
          emptyState(),
          opening(few).map((event, n) => ({ ...event, seq: n + 1 })),
        )
        const mixed = fold(
          emptyState(),
          opening(shuffle(seed, few)).map((event, n) => ({ ...event, seq: n + 1 })),
        )
        const sums = ({ lives, days }: LiveState) => ({
          days,
          lives: Object.fromEntries(
            Object.entries(lives).map(([id, entry]) => {
              const { totals, viewers_now, started_at, ended_at, last_at, pauses, pin_marks } =
                entry
              const pins = cellsById(entry.pins, entry.pin_rows)
              const { estimated, excluded, inferred } = entry
              return [
                id,
                {
                  totals,
                  viewers_now,
                  started_at,
                  ended_at,
                  last_at,
                  pauses,
                  pin_marks,
                  pins,
                  estimated,
                  excluded,
                  inferred,
                },
              ]
            }),
          ),
        })
        expect(sums(mixed)).toEqual(sums(inOrder))
      }),
      { numRuns: 150 },
    )
  })
})
