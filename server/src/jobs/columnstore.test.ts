import { sql } from '@creatorflow/db/sql'
import { openTimescale } from '@creatorflow/db/timescale'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { editions } from '../../../scripts/test/backends.ts'
import { freshState, livesAroundMark, markOf, RETENTION_DAYS } from '../../test/dropped-log.ts'
import { ask, startApp, type TestApp, type TestCreator } from '../../test/harness.ts'
import { wrongBuckets } from '../../test/history-oracle.ts'
import { logOf, rowOf } from '../../test/log-rows.ts'
import { createInProcessBus } from '../bus/in-process.ts'
import { silentLog } from '../core/log.ts'
import { createTelemetry } from '../core/telemetry.ts'
import { applyColumnstore } from './columnstore.ts'
import { refreshHistory } from './refresh-history.ts'
import { resettleNoted } from './resettle.ts'
import { retain } from './retention.ts'

const DAY_MS = 86_400_000

describe.each(editions())('the columnstore on $name', (backend) => {
  const isCommunity = backend.name === 'community'
  const bus = createInProcessBus({ log: silentLog(), telemetry: createTelemetry() })
  const lines: unknown[] = []
  const note = (...line: unknown[]) => void lines.push(line.at(-1))
  const log = { ...silentLog(), info: note, warn: note } as unknown as ReturnType<typeof silentLog>
  let app: TestApp
  let creator: TestCreator

  beforeAll(async () => {
    app = await startApp({
      database: backend,
      bus,
      env: { ROLES: 'pipeline,gateway', MAX_REQUESTS_PER_S_PER_CREATOR: '0' },
    })
    creator = await app.newCreator()
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  const apply = (columnstoreAfterDays: number) =>
    applyColumnstore(app.database, { columnstoreAfterDays }, log)
  const policies = () =>
    app.database.query<{ after: string }>(sql`
      select config ->> 'compress_after' as after from timescaledb_information.jobs
      where hypertable_name = 'events' and proc_name = 'policy_compression'`)
  const inColumns = () =>
    app.database.query(sql`
      select from timescaledb_information.chunks where hypertable_name = 'events' and is_compressed`)

  test('[STORE-3] an edition without a columnstore says that the age is ignored', async () => {
    await apply(0)
    expect(lines).toEqual([])
    await apply(30)
    if (isCommunity) expect(await policies()).toEqual([{ after: '30 days' }])
    else expect(lines).toEqual([expect.stringMatching(/COLUMNSTORE_AFTER_DAYS is ignored/)])
  })

  test.runIf(isCommunity)('[STORE-3] the policy follows the configuration', async () => {
    for (const days of [30, 7, 7, 0, 0, 10]) {
      await apply(days)
      expect(await policies(), `${days}`).toEqual(days > 0 ? [{ after: `${days} days` }] : [])
    }
  })

  test.runIf(isCommunity)(
    '[KEEP-2] columnar events are read, re-attributed, erased, joined by late ones and dropped like others',
    { timeout: 120_000 },
    async () => {
      const events = livesAroundMark(21, 0.1)
      const { json } = await app.post(events, creator)
      expect(json.rejected).toEqual([])
      await refreshHistory(app.database, log)
      await apply(7)
      const before = await logOf(app.database, creator.id)
      const state = await freshState(app.database, creator.id)
      const [job] = await app.database.query<{ id: number }>(sql`
        select job_id::int as id from timescaledb_information.jobs
        where hypertable_name = 'events' and proc_name = 'policy_compression'`)
      await app.database.script(`call run_job(${job?.id})`)
      expect((await inColumns()).length).toBeGreaterThan(3)
      // Far fewer than are changed below: the limit is TimescaleDB's, not ours.
      const [name] = await app.database.query<{ name: string }>(
        sql`select current_database() as name`,
      )
      await app.database.script(
        `alter database ${name?.name} set timescaledb.max_tuples_decompressed_per_dml_transaction = 5`,
      )
      // Only new connections have it.
      const url = new URL(backend.url ?? '')
      url.pathname = `/${name?.name}`
      await using limited = await openTimescale({ url: url.href })
      await using other = await startApp({
        database: limited,
        bus,
        env: { ROLES: 'pipeline,gateway', MAX_REQUESTS_PER_S_PER_CREATOR: '0' },
      })
      expect(await logOf(limited, creator.id)).toEqual(before)
      await limited.query(sql`delete from tail`)
      expect(await freshState(limited, creator.id)).toEqual(state)
      expect(await wrongBuckets(limited, [creator.id])).toEqual([])

      // Late events among columnar ones, and an order whose LIVE becomes known.
      const at = markOf() + 5 * DAY_MS
      const refund = { type: 'order_refunded', order_id: 'o-late', ts: at, amount: 100 }
      await other.post([{ id: 'refund', ...refund }], creator)
      await limited.script(`call run_job(${job?.id})`)
      const named = { id: 'named', type: 'order_fulfilled', order_id: 'o-late', ts: at + 1 }
      await other.post([{ ...named, session_id: 'live-3' }], creator)
      await resettleNoted({ database: limited, bus, config: { resettleDelayMs: 0 }, log })
      expect(await rowOf(limited, creator.id, 'refund')).toMatchObject({
        session_id: 'live-3',
      })
      expect(await wrongBuckets(limited, [creator.id])).toEqual([])

      const viewer = before.find(({ type }) => type === 'viewer_joined')?.user_id as string
      const path = `/api/v1/creators/${creator.id}/people/${encodeURIComponent(viewer)}`
      expect((await ask(other.port, 'DELETE', path, other.owner)).status).toBe(200)
      const rows = await logOf(limited, creator.id)
      expect(rows.filter(({ user_id }) => user_id === viewer)).toEqual([])
      expect(rows).toHaveLength(before.length + 2)

      await retain({ database: limited, bus, config: { retentionDays: RETENTION_DAYS }, log })
      const kept = await logOf(limited, creator.id)
      expect(Math.min(...kept.map(({ ts }) => ts))).toBeGreaterThanOrEqual(markOf())
      const after = await freshState(limited, creator.id)
      expect(after.days).toEqual(state.days)
      expect(after.lives['live-0']?.totals).toEqual(state.lives['live-0']?.totals)
    },
  )
})
