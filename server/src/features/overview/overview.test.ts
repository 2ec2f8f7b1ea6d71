import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { liveOf, livesAroundMark, RETENTION_DAYS } from '../../../test/dropped-log.ts'
import { startApp, type TestApp, type TestCreator } from '../../../test/harness.ts'
import { catalogueTotals } from '../../../test/sql-oracle.ts'
import { createInProcessBus } from '../../bus/in-process.ts'
import { silentLog } from '../../core/log.ts'
import { createTelemetry } from '../../core/telemetry.ts'
import { retain } from '../../jobs/retention.ts'

const env = { ROLES: 'pipeline,gateway', MAX_REQUESTS_PER_S_PER_CREATOR: '0' }
const NOON = Date.UTC(2026, 9, 20, 12)

interface Listed {
  readonly session_id: string
  readonly title: string | null
  readonly gmv: number
  readonly main_orders: number
  readonly peak_viewers: number | null
}

describe.each(databases())('the list of LIVEs on $name', (backend) => {
  test('[PAST-7] pages through all LIVEs with numbers that equal SQL', async () => {
    await using app = await startApp({ database: backend, env })
    const creator = await app.newCreator()
    for (let n = 0; n < 5; n++) {
      const { events } = simulateLive({
        seed: `overview/${n}`,
        sessionId: `live-${n}`,
        title: `Number ${n}`,
        startAt: NOON + n * 86_400_000,
        durationMs: 150_000,
        rate: 0.6,
        currency: 'USD',
        timeZone: 'UTC',
      })
      await send(app, creator, events)
    }
    await send(app, creator, [{ id: 'x', type: 'comment', session_id: 'quiet', ts: NOON }])
    const lives = await listOf(app, creator)
    expect(lives.some(({ gmv }) => gmv > 0)).toBe(true)
    expect(lives.map(({ session_id }) => session_id)).toEqual([
      'live-4',
      'live-3',
      'live-2',
      'live-1',
      'quiet',
      'live-0',
    ])
    expect(lives[4]).toMatchObject({ title: null, gmv: 0, main_orders: 0, peak_viewers: null })
    for (const live of lives.filter(({ session_id }) => session_id !== 'quiet')) {
      const { session_id } = live
      const totals = await catalogueTotals(app.database, creator.id, { session_id })
      expect(live).toMatchObject({
        title: session_id.replace('live-', 'Number '),
        gmv: totals.gmv ?? 0,
        main_orders: totals.main_orders ?? 0,
        peak_viewers: totals.peak_viewers,
      })
    }
  })

  test('[PAST-7] LIVEs with dropped events keep their title and numbers in the list', async () => {
    await using app = await startApp({ database: backend, env })
    const creator = await app.newCreator()
    await send(app, creator, livesAroundMark(2))
    const before = await listOf(app, creator)
    await using bus = createInProcessBus({ log: silentLog(), telemetry: createTelemetry() })
    await retain({
      database: app.database,
      bus,
      config: { retentionDays: RETENTION_DAYS },
      log: silentLog(),
    })
    expect(await listOf(app, creator)).toEqual(before)
    for (const { session_id, gmv } of before) {
      expect(gmv).toBe((await liveOf(app, creator, session_id)).totals.gmv ?? 0)
    }
  })
})

async function listOf(app: TestApp, creator: TestCreator): Promise<Listed[]> {
  const lives: Listed[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const from: string = cursor && `&cursor=${encodeURIComponent(cursor)}`
    const path = `/api/v1/creators/${creator.id}/overview?limit=2${from}`
    const { status, json } = await app.get(path, creator)
    expect(status).toBe(200)
    lives.push(...json.lives)
    cursor = json.cursor
  }
  return lives
}

async function send(app: TestApp, creator: TestCreator, events: readonly object[]): Promise<void> {
  for (let at = 0; at < events.length; at += 500) {
    const { json } = await app.post(events.slice(at, at + 500), creator)
    expect(json.rejected).toEqual([])
  }
}
