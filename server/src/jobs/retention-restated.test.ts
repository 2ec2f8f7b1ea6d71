import { sql } from '@creatorflow/db/sql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { freshState, markOf, RETENTION_DAYS } from '../../test/dropped-log.ts'
import { startApp, type TestApp, type TestCreator } from '../../test/harness.ts'
import { logOf } from '../../test/log-rows.ts'
import { createInProcessBus } from '../bus/in-process.ts'
import { silentLog } from '../core/log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { createTelemetry } from '../core/telemetry.ts'
import { resettleCreator } from '../resettle/resettle.ts'
import { refreshHistory } from './refresh-history.ts'
import { resettleNoted } from './resettle.ts'
import { retain } from './retention.ts'

const log = silentLog()
const HOUR_MS = 3_600_000
const before = markOf() - 20 * HOUR_MS
const after = markOf() + 20 * HOUR_MS

const spend = (id: string, ts: number, amount: number, revision = 0) => ({
  id,
  type: 'ad_spend_incurred',
  ts,
  amount,
  revision,
})
const views = (id: string, ts: number, total: number, revision = 0) => ({
  id,
  type: 'video_view',
  ts,
  video_id: 'v',
  properties: { total },
  revision,
})
const left = (id: string, ts: number, quantity: number, revision = 0) => ({
  id,
  type: 'stock_level',
  ts,
  product_id: 'mug',
  quantity,
  revision,
})

describe.each(databases())('dropping restated figures on $name', (backend) => {
  const bus = createInProcessBus({ log, telemetry: createTelemetry() })
  let app: TestApp

  beforeAll(async () => {
    app = await startApp({ database: backend, bus, env: { ROLES: 'pipeline,gateway' } })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  const settleNoted = () =>
    resettleNoted({ database: app.database, bus, config: { resettleDelayMs: 0 }, log })
  async function sums({ id, key }: TestCreator): Promise<Record<string, number>> {
    const iso = (ms: number) => new Date(ms).toISOString()
    const range = `from=${iso(markOf() - 48 * HOUR_MS)}&to=${iso(markOf() + 48 * HOUR_MS)}`
    const found: Record<string, number> = {}
    for (const metric of ['ad_spend', 'video_views', 'stock_outs']) {
      const path = `/api/v1/creators/${id}/metrics/${metric}?${range}&bucket=total`
      found[metric] = (await app.get(path, { key })).json.series[0].points[0].value
    }
    return found
  }

  test('[KEEP-3] revisions are dropped together, with their ids, and kept ones can still be restated', async () => {
    const creator = await app.newCreator()
    const figures = [
      [spend('old', before, 500), spend('old', before, 700, 1), spend('old', before, 650, 4)],
      [spend('first', before, 70, 2), spend('first', before, 80, 3)],
      [views('v-old', before, 900), views('v-old', before, 1_000, 1)],
      [left('left-old', before, 0), left('left-old', before, 4, 1)],
      [spend('new', after, 200), spend('new', after, 250, 1)],
      [views('v-new', after, 1_500), views('v-new', after, 1_400, 1)],
      [left('left-new', after, 0)],
    ]
    const { json } = await app.post(figures.flat(), creator)
    expect(json).toMatchObject({ rejected: [], conflicts: [], duplicates: 0, superseded: 0 })
    await settleNoted()
    const all = { ad_spend: 980, video_views: 1_400, stock_outs: 1 }
    expect(await sums(creator)).toEqual(all)
    await refreshHistory(app.database, log)
    await app.database.query(sql`delete from checkpoints`)
    await retain({ database: app.database, bus, config: { retentionDays: RETENTION_DAYS }, log })

    expect(await sums(creator)).toEqual(all)
    expect((await freshState(app.database, creator.id)).stock).toEqual({ mug: 0 })
    const rows = await logOf(app.database, creator.id)
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(['new', 'v-new', 'left-new']))
    const [known] = await app.database.query<Record<string, number>>(sql`
      select (select count(*)::int from event_ids where creator_id = ${creator.id}) as ids,
        (select count(*)::int from dropped_ids) as waiting`)
    expect(known).toEqual({ ids: rows.length, waiting: 0 })

    const restated = await app.post(
      [
        spend('new', after, 10, 2),
        views('v-new', after, 1_200, 2),
        left('left-new', after, 3, 1),
        spend('old', before, 1, 9),
      ],
      creator,
    )
    expect(restated.json).toMatchObject({ accepted: 3, rejected: [{ code: 'beyond_retention' }] })
    const now = { ad_spend: 740, video_views: 1_200, stock_outs: 0 }
    expect(await sums(creator)).toEqual(now)
    await settleNoted()
    expect(await sums(creator)).toEqual(now)
    expect((await freshState(app.database, creator.id)).stock).toEqual({ mug: 3 })
    expect(await resettleCreator(app.database, serverTenant(creator.id))).toMatchObject({
      rewritten: 0,
    })
  })
})
