import { expect, it, vi } from 'vitest'
import { session } from '#lib/session.svelte.ts'
import { TrafficSources } from './traffic-sources.svelte.ts'

it('[COMPARE-3] one request gets every step of every traffic source', async () => {
  const rows = [
    { keys: ['feed'], values: { views: [90], product_clicks: [30], main_orders: [3] } },
    { keys: ['search'], values: { views: [10] } },
  ]
  const asked = vi
    .spyOn(session, 'ask')
    .mockResolvedValue({ ok: true, value: { rows, recounting: null } } as never)
  const sources = new TrafficSources()
  await sources.load('mira', { started_at: 0, ended_at: 60_000 })
  expect(asked).toHaveBeenCalledTimes(1)
  expect(sources.totals).toMatchObject({
    feed: { views: 90, product_clicks: 30, main_orders: 3, sku_orders: 0 },
    search: { views: 10, product_clicks: 0 },
  })
  // What was known stays where an answer fails.
  asked.mockResolvedValue({ ok: false, error: { code: 'unavailable', message: '' } } as never)
  await sources.load('mira', { started_at: 0, ended_at: 60_000 })
  expect(Object.keys(sources.totals)).toEqual(['feed', 'search'])
})
