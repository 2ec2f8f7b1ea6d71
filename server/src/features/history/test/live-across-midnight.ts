import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { expect, vi } from 'vitest'
import type { TestApp, TestCreator } from '../../../../test/harness.ts'
import { silentLog } from '../../../core/log.ts'
import { serverTenant } from '../../../core/rights/authorize.ts'
import { refreshHistory } from '../../../jobs/refresh-history.ts'
import { readRecounting } from '../../../pipeline/recount-notes.ts'

const timeZone = 'Asia/Kolkata'

/** Events of a LIVE from before to after midnight of Kolkata, of all channels and traffic sources. */
export function liveAcrossMidnight(sessionId: string): object[] {
  const { events } = simulateLive({
    seed: 11,
    sessionId,
    // 18:30 UTC is midnight there.
    startAt: Date.UTC(2026, 2, 12, 18, 26),
    durationMs: 8 * 60_000,
    rate: 0.3,
    currency: 'USD',
    timeZone,
  })
  return events.map((event, i) => ({
    ...event,
    ...(i % 3 > 0 && { channel: i % 3 === 1 ? 'tiktok' : 'shopify' }),
    ...(i % 4 > 0 && { traffic_source: ['feed', 'search', 'ads'][i % 4] ?? 'ads' }),
  }))
}

interface Target {
  readonly app: TestApp
  readonly creator: TestCreator
}

/** Half of the events, then the aggregates, then the rest: late ones among what is materialized. */
export async function sendInHalves(
  { app, creator }: Target,
  events: readonly object[],
): Promise<void> {
  const halves = [events.filter((_, i) => i % 2 === 0), events.filter((_, i) => i % 2 === 1)]
  for (const half of halves) {
    for (let at = 0; at < half.length; at += 1_000) {
      const part = half.slice(at, at + 1_000)
      const { json } = await app.post(
        part.map((event) => ({ ...event, creator_id: creator.id })),
        creator,
      )
      expect(json.rejected).toEqual([])
    }
    const isFirst = half === halves[0]
    if (isFirst) await refreshHistory(app.database, silentLog())
  }
  // Late events are an estimate until then; the LIVE has ended, so no note waits for that.
  const tenant = serverTenant(creator.id)
  const recounting = () => app.database.readAs(tenant, (read) => readRecounting(read, tenant))
  await vi.waitFor(async () => expect(await recounting()).toBeNull(), { timeout: 60_000 })
}
