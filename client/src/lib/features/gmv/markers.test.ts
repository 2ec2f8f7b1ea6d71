import { MINUTE_MS } from '@creatorflow/shared/live-state'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CLUSTER_PIXELS,
  clustersOf,
  leadOf,
  MARKERS,
  type Marker,
  markersOf,
  minuteAt,
} from './markers.ts'

const live = {
  product_rows: { mug: 0 },
  product_names: ['Stoneware mug'],
  pin_marks: [
    { ts: 100, id: 'p1', product_id: 'mug' },
    { ts: 400, id: 'p2', product_id: null },
  ],
  marks: [
    { ts: 50, id: 'n1', kind: 'note', label: 'Giveaway' },
    { ts: 200, id: 'g1', kind: 'gap', until: 20_200, label: 'tiktok_live' },
    { ts: 300, id: 's1', kind: 'sold_out', product_id: 'pot' },
    { ts: 350, id: 'c1', kind: 'price', product_id: 'mug', amount: 990 },
  ],
} satisfies Parameters<typeof markersOf>[0]

describe('markers', () => {
  test('[PAGE-9] pins, prices, sold-out products, gaps, notes and alerts are in order of time', () => {
    const alert: Marker = { id: 'a1', kind: 'alert', ts: 250, label: 'C_O rate below 7 %' }
    expect(markersOf(live, [alert])).toEqual([
      { id: 'n1', kind: 'note', ts: 50, label: 'Giveaway' },
      { id: 'p1', kind: 'pin', ts: 100, label: 'Stoneware mug', product: 'mug' },
      { id: 'g1', kind: 'gap', ts: 200, until: 20_200, label: 'tiktok_live' },
      alert,
      { id: 's1', kind: 'sold_out', ts: 300, label: 'pot', product: 'pot' },
      { id: 'c1', kind: 'price', ts: 350, label: 'Stoneware mug', product: 'mug', amount: 990 },
    ])
  })

  test('[PAGE-9] past the limit, the newest are kept', () => {
    const pin_marks = Array.from({ length: 200 }, (_, ts) => ({
      ts,
      id: `p${ts}`,
      product_id: 'x',
    }))
    const markers = markersOf({ ...live, marks: [], pin_marks })
    expect(markers).toHaveLength(MARKERS)
    expect(markers.at(-1)?.ts).toBe(199)
  })

  const area = fc.record({
    left: fc.integer({ min: 0, max: 80 }),
    right: fc.integer({ min: 200, max: 1_500 }),
    from: fc.constant(1_000),
    to: fc.integer({ min: 2_000, max: 1_000_000 }),
  })
  const times = fc.array(fc.integer({ min: 0, max: 1_100_000 }), { maxLength: 80 })

  test('[PAGE-9] none overlap, none leave the axis, and none is lost', () => {
    fc.assert(
      fc.property(area, times, (axis, at) => {
        const markers = at
          .toSorted((a, b) => a - b)
          .map((ts, index): Marker => ({ id: `${index}`, kind: 'note', ts }))
        const clusters = clustersOf(markers, axis)
        const inside = markers.filter(({ ts }) => ts >= axis.from && ts <= axis.to)
        expect(clusters.flatMap((cluster) => cluster.markers)).toEqual(inside)
        clusters.forEach(({ x, room }, index) => {
          expect(room).toBeGreaterThanOrEqual(CLUSTER_PIXELS)
          expect(x).toBeGreaterThanOrEqual(axis.left)
          expect(x + room).toBeLessThanOrEqual((clusters[index + 1]?.x ?? axis.right) + 1e-6)
        })
      }),
    )
  })

  test('[PAGE-9] marks at the same place are drawn as the alert among them, else as the note', () => {
    const together = (...kinds: Marker['kind'][]) =>
      leadOf({ markers: kinds.map((kind, index) => ({ id: `${index}`, kind, ts: 5 })) })
    expect(together('pin', 'gap', 'note')).toBe('gap')
    expect(together('pin', 'note')).toBe('note')
    expect(together('pin')).toBe('pin')
  })

  test('[PAGE-9] a place on the axis is of the minute that it lies in, and beside it of none', () => {
    const axis = { left: 50, right: 650, from: 100 * MINUTE_MS, to: 160 * MINUTE_MS }
    expect(minuteAt(axis, 50)).toBe(100)
    expect(minuteAt(axis, 54)).toBe(100)
    expect(minuteAt(axis, 59)).toBe(100)
    expect(minuteAt(axis, 61)).toBe(101)
    expect(minuteAt(axis, 650)).toBe(159)
    expect([minuteAt(axis, 40), minuteAt(axis, 660)]).toEqual([null, null])
    expect(minuteAt({ ...axis, right: 50 }, 50)).toBeNull()
  })

  test('[PAGE-9] an axis without width has no positions', () => {
    const one: Marker[] = [{ id: '1', kind: 'note', ts: 5 }]
    expect(clustersOf(one, { left: 0, right: 10, from: 0, to: 10 })).toEqual([])
    expect(clustersOf(one, { left: 0, right: 500, from: 5, to: 5 })).toEqual([])
  })
})
