import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { editions } from '../../scripts/test/backends.ts'
import { historyScript, type Level, levels } from './aggregates.ts'
import type { Database } from './database.ts'
import { raw, sql } from './sql.ts'
import type { Tenant } from './tenant.ts'
import { tenantViewsScript } from './tenant-views.ts'
import { openTestDatabase } from './testing.ts'

/** Safe: only these tests use it. */
const tenant = { creatorId: 'ours' } as Tenant

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Cond'?: string
  readonly Plans?: readonly PlanNode[]
}

/** Where aggregates are plain views, tables of the same shape stand in for the materialized ones. */
async function materializedLevels(database: Database): Promise<void> {
  if (database.edition === 'timescale-community') return
  const drops = [...levels].reverse().map(({ view }) => `drop view ${view};`)
  const tables = levels.map(
    ({ view, archive }) =>
      `create table ${view} (like ${archive}); create index on ${view} (creator_id, type, bucket);`,
  )
  await database.script(`drop schema tenant cascade;
    ${drops.join('\n')} ${tables.join('\n')}
    ${historyScript('timescale-community')}
    ${tenantViewsScript([])}`)
}

describe.each(editions())('plans of history on $name', (backend) => {
  let database: Database
  beforeAll(async () => {
    database = await openTestDatabase(backend)
    await materializedLevels(database)
    await database.script(`
      insert into events (creator_id, seq, ts, received_at, id, type, day)
        select 'ours', n, '2026-03-01'::timestamptz + n * interval '1 minute', now(), n, 'like', '2026-03-01'
        from generate_series(1, 3000) n;
      insert into materialized select name, '2026-03-02' from unnest(array['1m', '15m', '1d']) name;
      insert into dirty (creator_id, bucket) values ('ours', '2026-03-01 10:00:00Z');`)
  })
  afterAll(() => database?.[Symbol.asyncDispose]())

  async function scansOf({ history }: Level): Promise<PlanNode[]> {
    const plan = await database.readAs(tenant, async (read) => {
      // The tables are small; a big one would never be scanned whole.
      await read.query(sql`select set_config('enable_seqscan', 'off', true)`)
      await read.query(sql`select set_config('enable_bitmapscan', 'off', true)`)
      const [row] = await read.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(sql`
        explain (format json) select sum(rows) from ${raw(history)}(${tenant.creatorId},
          ${'2026-03-01T00:00:00Z'}::timestamptz, ${'2026-03-03T00:00:00Z'}::timestamptz)
        where type = any(${['like']}::text[])`)
      return row?.['QUERY PLAN'][0]?.Plan
    })
    const nodes: PlanNode[] = []
    const collect = (node: PlanNode) => {
      nodes.push(node)
      for (const child of node.Plans ?? []) collect(child)
    }
    if (plan) collect(plan)
    return nodes.filter(
      ({ 'Node Type': type, 'Relation Name': name = '' }) =>
        // TimescaleDB's nodes above the chunk scans have conditions of their own.
        type !== 'Custom Scan' && /^(events|_hyper|_materialized|archive)/.test(name),
    )
  }

  test.each(levels)('[PAST-2] $history reads the log and aggregates by time', async (level) => {
    const scans = await scansOf(level)
    // At least the finest level, what is younger than it, and one dirty minute.
    expect(scans.length).toBeGreaterThanOrEqual(3)
    for (const scan of scans) {
      expect(scan['Index Cond'], JSON.stringify(scan)).toMatch(
        /\bts >=.*\bts <|\bts <.*\bts >=|\bbucket (>=|= ANY)/,
      )
    }
  })

  test('[PAST-2] a range of time over all creators is found by an index', async () => {
    const plan = await database.transaction(async (tx) => {
      await tx.query(sql`select set_config('enable_seqscan', 'off', true)`)
      return tx.query(sql`explain select count(*) from events
        where ts >= '2026-03-01 10:00:00Z' and ts < '2026-03-01 10:01:00Z'`)
    })
    expect(JSON.stringify(plan)).toContain('events_by_time')
  })

  test.runIf(backend.name === 'community')(
    '[PAST-2] policies refresh everything that changed in one pass',
    async () => {
      const jobs = await database.query<{ passes: string }>(sql`
        select config ->> 'buckets_per_batch' as passes from timescaledb_information.jobs
        where proc_name = 'policy_refresh_continuous_aggregate'`)
      expect(jobs).toEqual(levels.map(() => ({ passes: '0' })))
    },
  )
})
