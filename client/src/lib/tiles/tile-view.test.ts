import { emptyLive } from '@creatorflow/shared/fold-live'
import type { Baseline } from '@creatorflow/shared/insights/compare'
import { MINUTE_MS } from '@creatorflow/shared/live-state'
import { presentLive } from '@creatorflow/shared/present'
import { describe, expect, it } from 'vitest'
import { tileView } from './tile-view.ts'
import { gmvTile, tiles } from './tiles.ts'

const convention = { locale: 'en', currency: 'USD', timeZone: 'UTC' }
const started = 1_000 * MINUTE_MS
const now = started + 6.5 * MINUTE_MS

function moment(baseline: Baseline | null, totals: object) {
  const detail = { ...emptyLive('now', started), totals, last_at: now }
  return { live: presentLive(detail, now), detail, now, exactAt: now - 300, baseline, convention }
}

const none: Baseline = {
  session_id: 'now',
  recounting: null,
  at: '2026-01-01T00:00:00.000Z',
  previous: null,
  usual: {
    days: 14,
    lives: [],
    left_out: 0,
    lives_at: [],
    minutes: {
      gmv: { q1: [], median: [], q3: [] },
      average_viewers: { q1: [], median: [], q3: [] },
    },
    totals: {},
    rates: {},
  },
}

describe('a tile', () => {
  it('[PAGE-3] shows the value of the live state, with stage and age, or why there is none', () => {
    const full = moment(null, { gmv: 5_000, main_orders: 2 })
    for (const tile of [gmvTile, ...tiles]) {
      const view = tileView(tile, full)
      expect(view.reading, tile.metric).toBe(full.live.metrics[tile.metric])
      expect(view.reading?.value === null, tile.metric).toBe(view.reading?.reason !== undefined)
      expect(view.told[0]).toBe('Estimate, up to date.')
    }
    const old = tileView(gmvTile, { ...full, exactAt: now - 90_000 })
    expect(old.told).toEqual(['Estimate, 1 min old.'])
  })

  it('[PAGE-3] says why there is nothing to compare with', () => {
    const view = tileView(gmvTile, moment(none, { gmv: 5_000 }))
    expect(view.comparisons.map(({ direction, words }) => [direction, words])).toEqual([
      [null, 'no earlier LIVE to compare with'],
      [null, 'your usual needs 3 LIVEs in the last 14 days; you have 0'],
    ])
    expect(tileView(gmvTile, moment(null, {})).comparisons).toEqual([])
  })

  it('[COMPARE-2] compares nothing before minute 5, nor a rate of too little, and says from when', () => {
    const values = [1, 2, 3, 4, 5, 6, 7]
    const spread = { q1: values, median: values, q3: values }
    const baseline: Baseline = {
      ...none,
      previous: {
        session_id: 'last',
        started_at: '2026-01-01T00:00:00.000Z',
        ended_at: null,
        length: 7,
        minutes: { average_viewers: values },
        totals: { gmv: values, ctr: values },
      },
      usual: {
        ...none.usual,
        lives_at: [3, 3, 3, 3, 3, 3, 3],
        minutes: { gmv: spread, average_viewers: spread },
        totals: { gmv: spread, ctr: spread },
      },
    }
    const all = [gmvTile, ...tiles]
    const at = (minute: number, totals: object) => {
      const later = started + minute * MINUTE_MS
      const detail = { ...emptyLive('now', started), totals, last_at: later }
      const live = presentLive(detail, later)
      return (metric: string) =>
        tileView(all.find((tile) => tile.metric === metric) ?? gmvTile, {
          live,
          detail,
          now: later,
          exactAt: later,
          baseline,
          convention,
        })
    }
    const early = at(4.9, { gmv: 500, views: 5_000, product_clicks: 40 })
    for (const { metric } of all) {
      expect(early(metric).comparisons, metric).toMatchObject([
        { waiting: 'compared from minute 5' },
      ])
      expect(early(metric).usual, metric).toBeNull()
    }
    expect(early('gmv').told.at(-1)).toBe('Compared from minute 5.')
    const few = at(6, { gmv: 500, views: 99, product_clicks: 40 })
    expect(few('ctr').comparisons).toMatchObject([{ waiting: 'compared from 100 views' }])
    expect(few('gmv').comparisons).toHaveLength(2)
    const enough = at(6, { gmv: 500, views: 100, product_clicks: 40 })
    expect(enough('ctr').comparisons.map(({ direction }) => direction)).toEqual(['down', 'down'])
  })

  it('[COMPARE-2] compares with the last LIVE and the usual at the same minute', () => {
    const before = [0, 0, 0, 0, 0]
    const spread = {
      q1: [...before, 0, 4_000],
      median: [...before, 0, 8_000],
      q3: [...before, 0, 9_000],
    }
    const baseline: Baseline = {
      ...none,
      previous: {
        session_id: 'last',
        started_at: '2026-01-01T00:00:00.000Z',
        ended_at: null,
        length: 7,
        minutes: {},
        totals: { gmv: [...before, 2_000, 6_000] },
      },
      usual: { ...none.usual, lives_at: [3, 3, 3, 3, 3, 3, 3], totals: { gmv: spread } },
    }
    const view = tileView(gmvTile, moment(baseline, { gmv: 5_000 }))
    expect(view.comparisons).toMatchObject([
      { with: 'last', arrow: '▲', change: '25%', good: true, reference: 4_000 },
      { with: 'usual', arrow: '▲', change: '25%', good: true, reference: 4_000 },
    ])
    expect(view.told.slice(1)).toEqual([
      '25% above your last LIVE at this minute ($40.00).',
      '25% above your 14-day median at this minute ($40.00).',
    ])
  })
})
