import { type Level, levels } from '@creatorflow/db/aggregates'
import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { editions } from '../../../scripts/test/backends.ts'
import { historyRows, readHistoryMarks } from './history.ts'

/** Safe: only these tests use it. */
const tenant = { creatorId: 'ours' } as Tenant

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Cond'?: string
  readonly Plans?: readonly PlanNode[]
}

describe.each(editions())('plans of history on $name', (backend) => {
  let database: Database
  beforeAll(async () => {
    database = await openTestDatabase(backend)
    await database.script(`
      insert into events (creator_id, seq, ts, received_at, id, type, day)
        select 'ours', n, '2026-03-01'::timestamptz + n * interval '1 minute', now(), n, 'like', '2026-03-01'
        from generate_series(1, 3000) n;
      insert into materialized select name, '2026-03-02' from unnest(array['1m', '15m', '1d']) name;
      insert into dirty (creator_id, bucket)
        select 'ours', '2026-03-01 10:00:00Z'::timestamptz + n * interval '1 hour' from generate_series(0, 9) n;
      analyze events;`)
  })
  afterAll(() => database?.[Symbol.asyncDispose]())

  async function scansOf({ name }: Level): Promise<PlanNode[]> {
    const plan = await database.readAs(tenant, async (read) => {
      // The tables are small; a big one would never be scanned whole.
      await read.query(sql`select set_config('enable_seqscan', 'off', true)`)
      await read.query(sql`select set_config('enable_bitmapscan', 'off', true)`)
      const range = { level: name, since: Date.UTC(2026, 2, 1), before: Date.UTC(2026, 2, 3) }
      const [row] = await read.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(sql`
        explain (format json) select sum(rows)
        from (${historyRows(tenant, [range], await readHistoryMarks(read, tenant), ['like'])}) h`)
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

  test.each(levels)('[PAST-2] $name reads the log and aggregates by time', async (level) => {
    const scans = await scansOf(level)
    // At least the finest level, and the log for dirty minutes and what is younger.
    expect(scans.length).toBeGreaterThanOrEqual(2)
    for (const scan of scans) {
      expect(scan['Index Cond'], JSON.stringify(scan)).toMatch(
        /\bts >=.*\bts <|\bts <.*\bts >=|\bbucket (>=|= ANY)/,
      )
    }
  })

  // Tables are refreshed creator by creator.
  test.skipIf(backend.name === 'embedded')(
    '[PAST-2] a range of time over all creators is found by an index',
    async () => {
      const plan = await database.transaction(async (tx) => {
        await tx.query(sql`select set_config('enable_seqscan', 'off', true)`)
        return tx.query(sql`explain select count(*) from events
        where ts >= '2026-03-01 10:00:00Z' and ts < '2026-03-01 10:01:00Z'`)
      })
      expect(JSON.stringify(plan)).toContain('events_by_time')
    },
  )

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
