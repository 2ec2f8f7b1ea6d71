import { type MetricId, metrics } from '@creatorflow/shared/metrics'
import type { SourceHeard } from '@creatorflow/shared/socket'
import { sourceStates } from '@creatorflow/shared/sources'
import { describe, expect, it } from 'vitest'
import { freshnessOf, isWell, summaryOf, troubleWords } from './freshness.ts'

const now = Date.UTC(2026, 10, 20, 21, 30)
const source = (more: Partial<SourceHeard> = {}): SourceHeard => ({
  id: '00000000-0000-4000-8000-000000000000',
  kind: 'tiktok_live',
  kind_name: 'TikTok LIVE',
  brings: ['live_started', 'viewer_count', 'viewer_joined'],
  name: '@mira',
  state: 'receiving',
  held: true,
  since: now - 60_000,
  problem: null,
  last_event_at: now,
  lag_ms: 0,
  ...more,
})
const shop = (more: Partial<SourceHeard> = {}) =>
  source({
    kind: 'tiktok_shop',
    kind_name: 'TikTok Shop',
    brings: ['order_created', 'payment_completed'],
    name: 'Shop',
    ...more,
  })
const clock = (at: number) => new Date(at).toISOString().slice(11, 16)

describe('freshness', () => {
  it('[SOURCE-6] a metric is as fresh as the sources that feed it', () => {
    const live = source({ state: 'retrying', since: Date.UTC(2026, 10, 20, 21, 4) })
    const heard = { sources: [live, shop()] }
    expect(freshnessOf('gmv', heard, now)).toEqual({ state: 'fresh' })
    expect(freshnessOf('viewers_now', heard, now)).toEqual({
      state: 'stale',
      since: live.since,
      sources: [live],
    })
    // A ratio depends on everything its parts depend on.
    expect(freshnessOf('watch_gpm', heard, now)).toMatchObject({ state: 'stale', sources: [live] })
    expect(troubleWords([live], clock)).toEqual(['TikTok LIVE: retrying since 21:04'])
  })

  it('[SOURCE-6] without a source that is on, freshness is unknown', () => {
    for (const heard of [null, { sources: [] }, { sources: [source({ state: 'off' })] }]) {
      expect(freshnessOf('viewers_now', heard, now)).toEqual({ state: 'unknown' })
    }
    expect(freshnessOf('gmv', { sources: [source()] }, now)).toEqual({ state: 'unknown' })
  })

  it('[SOURCE-6] every metric has a freshness in every state', () => {
    for (const metric of Object.keys(metrics) as MetricId[]) {
      for (const state of Object.keys(sourceStates) as SourceHeard['state'][]) {
        const sources = [source({ state }), shop({ state })]
        const { state: got } = freshnessOf(metric, { sources }, now)
        if (!sourceStates[state].good) expect(['stale', 'unknown']).toContain(got)
        else expect(['fresh', 'unknown']).toContain(got)
      }
    }
  })

  it('[SOURCE-6] a source that no process reports on is not fine, whatever it last reported', () => {
    expect(isWell(source({ held: false }), now)).toBe(false)
    expect(isWell(source({ held: false, state: 'starting', since: now - 1_000 }), now)).toBe(true)
    expect(isWell(source({ held: false, state: 'starting' }), now)).toBe(false)
    expect(isWell(source({ held: false, state: 'off' }), now)).toBe(true)
    expect(troubleWords([source({ held: false })], clock)).toEqual([
      'TikTok LIVE: not running since 21:29',
    ])
  })

  it('[SOURCE-6] the header sums it up, worst first', () => {
    const orders = shop()
    const needs = { state: 'needs_you' } as const
    const words = (...sources: SourceHeard[]) => summaryOf(sources, now)?.words
    expect(summaryOf([], now)).toBeNull()
    expect(summaryOf([source(), orders], now)).toEqual({ tone: 'good', words: '2 sources OK' })
    expect(words(source({ state: 'waiting' }), { ...orders, state: 'off' })).toBe('1 source OK')
    expect(words(source({ state: 'off' }))).toBe('1 source off')
    expect(words(source({ state: 'retrying' }), orders)).toBe('TikTok LIVE: retrying')
    expect(words(source({ state: 'retrying' }), { ...orders, ...needs })).toBe(
      'TikTok Shop needs attention',
    )
    expect(words(source(needs), { ...orders, ...needs })).toBe('2 sources need attention')
    expect(words(source({ state: 'retrying' }), { ...orders, held: false })).toBe(
      '2 sources not OK',
    )
    expect(words({ ...orders, ...needs, held: false })).toBe('TikTok Shop: not running')
  })
})
