import { metrics } from '@creatorflow/shared/metrics'
import { describe, expect, it } from 'vitest'
import { excludedNotes } from './excluded.ts'
import { dayMetrics, gmvTile, tiles } from './tiles.ts'

describe('tiles', () => {
  it('[COUNT-6] says what was left out of the sums', () => {
    expect(
      excludedNotes({
        EUR: { orders: 3, entries: 0 },
        GBP: { orders: 1, entries: 2 },
        other: { orders: 0, entries: 1 },
        CHF: { orders: 0, entries: 0 },
      }),
    ).toEqual([
      '3 orders in EUR not included',
      '1 order and 2 other amounts in GBP not included',
      '1 other amount in other currencies not included',
    ])
  })

  it('[PAGE-3] every tile shows a metric of the catalogue in its scope', () => {
    for (const { metric, note } of [gmvTile, ...tiles]) {
      expect(metrics[metric].scopes).toContain('live')
      if (note) expect(metrics[note.metric].scopes).toContain('live')
    }
    for (const metric of dayMetrics) expect(metrics[metric].scopes).toContain('day')
  })
})
