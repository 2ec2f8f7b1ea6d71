import type { Database, Transaction } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import type { IncomingEvent } from '@creatorflow/shared/events'
import { shuffle } from '@creatorflow/shared/simulator/disorder'
import { createRandom, type Random } from '@creatorflow/shared/simulator/random'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { editions } from '../../../scripts/test/backends.ts'
import { scaled } from '../../../scripts/test/long-run.ts'
import { logOf } from '../../test/log-rows.ts'
import { observedDatabase } from '../../test/observed-database.ts'
import { openTestPipeline, type TestPipeline } from '../../test/test-pipeline.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { acceptedEvent } from '../pipeline/accept.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { readRecounting } from '../pipeline/recount-notes.ts'
import { decidedColumns } from './rederive.ts'
import { resettleCreator } from './resettle.ts'
import { rederive } from './test/rederive-whole.ts'

const HOUR_MS = 3_600_000
/** Midnight in Tokyo, so that another zone moves days. */
const START = Date.UTC(2026, 9, 20, 15)

describe.each(editions())('a log that is recounted page by page on $name', (backend) => {
  const seeds = scaled(6, 80)
  let ground: TestPipeline
  let database: Database
  let pipeline: Pipeline
  let creators = 0

  beforeAll(async () => {
    ground = await openTestPipeline(backend)
    ;({ database, pipeline } = ground)
  })
  afterAll(() => ground?.[Symbol.asyncDispose]())

  async function newLog(events: readonly IncomingEvent[], eventsARequest: number) {
    const id = `pages-${++creators}`
    await ground.newCreator(id)
    for (let at = 0; at < events.length; at += eventsARequest) {
      const batch = events
        .slice(at, at + eventsARequest)
        .map((event) => acceptedEvent(id, event, event, START))
      const outcomes = await pipeline.submit(batch, 'live')
      expect(outcomes.filter(({ kind }) => kind === 'rejected')).toEqual([])
    }
    return id
  }

  /** A creator's table, times as epoch ms, in a fixed order. */
  async function tableOf(creatorId: string, table: string): Promise<unknown[]> {
    const rows = await database.query<object>(
      sql`select t.* from ${raw(table)} t where creator_id = ${creatorId}`,
    )
    return sorted(rows)
  }

  const seedsOf = Array.from({ length: seeds }, (_, n) => n + 1)
  test(`[RECOUNT-5][P4] ${seeds} random logs, in pages of a few events, end as the whole log in memory says`, {
    timeout: 300_000,
  }, async () => {
    let changes = 0
    for (const seed of seedsOf) {
      const random = createRandom(`pages/${seed}`)
      const events = randomLog(random)
      const creatorId = await newLog(shuffle(seed, events), random.between(1, 30))
      const change = random.chance(0.5)
        ? { time_zone: 'Asia/Tokyo', currency: random.pick(['USD', 'EUR']) }
        : {}
      const before = await logOf(database, creatorId)
      const creator = { id: creatorId, time_zone: 'UTC', currency: 'USD', ...change }
      const { changed, books } = rederive(before, creator)
      changes += changed.length

      const size = { eventsAPage: random.between(1, 25), rowsAStep: random.between(1, 25) }
      const done = await resettleCreator(database, serverTenant(creatorId), change, { size })
      const where = `seed ${seed}`
      expect(done?.rewritten, where).toBe(changed.length)
      const wanted = new Map(changed.map((row) => [row.seq, row]))
      const after = await logOf(database, creatorId)
      for (const [n, row] of before.entries()) {
        const settled = wanted.get(row.seq) ?? row
        const decided = decidedColumns.map((column) => [column, settled[column]])
        const own = { ...row, ...Object.fromEntries(decided) }
        expect(after[n], `${where}, ${row.id}`).toEqual(own)
      }
      expect(await tableOf(creatorId, 'claims'), where).toEqual(sorted(books.claims.changed()))
      expect(await tableOf(creatorId, 'lives'), where).toEqual(sorted(books.lives.changed()))
      expect(await tableOf(creatorId, 'pin_marks'), where).toEqual(sorted([...books.pins.added()]))
      expect(await database.query(sql`select 1 from recounted_claims`)).toEqual([])
      expect(await resettleCreator(database, serverTenant(creatorId), {}, { size })).toEqual({
        rewritten: 0,
        raised: false,
      })
    }
    expect(changes).toBeGreaterThan(seeds * 10)
  })

  test('[RECOUNT-5] however long the log, each statement reads one page and each transaction rewrites one step', async () => {
    const events = Array.from({ length: 300 }, (_, n) => of(`e${n}`, START + n * 1_000, 'share'))
    const creatorId = await newLog(events, 100)
    const size = { eventsAPage: 20, rowsAStep: 10 }
    const updates: number[] = []
    let most = 0
    const watched = observedDatabase(
      {
        ...database,
        transaction: (work) =>
          database.transaction(async (tx) => {
            let updated = 0
            const counting: Transaction = {
              ...tx,
              async query(statement) {
                if (!/^\s*update events/.test(statement.text)) return tx.query(statement)
                updated += (JSON.parse(statement.values[0] as string) as unknown[]).length
                return tx.query(statement)
              },
            }
            const result = await work(counting)
            updates.push(updated)
            return result
          }),
      },
      {
        after(text, rows) {
          if (/from events/.test(text)) most = Math.max(most, rows.length)
        },
      },
    )
    const change = { time_zone: 'Asia/Tokyo' }
    const done = await resettleCreator(watched, serverTenant(creatorId), change, { size })
    expect(done).toEqual({ rewritten: 300, raised: true })
    expect(most).toBe(20)
    expect(Math.max(...updates)).toBe(10)
    expect(updates.reduce((sum, rows) => sum + rows, 0)).toBe(300)
  })

  test('[RECOUNT-3] a recount reports its progress while it runs, and ends early when aborted', async () => {
    const events = Array.from({ length: 200 }, (_, n) => of(`e${n}`, START + n * 1_000, 'share'))
    const creatorId = await newLog(events, 100)
    const tenant = serverTenant(creatorId)
    await database.query(
      sql`insert into resettle (creator_id, reason) values (${creatorId}, 'live')`,
    )
    const recounting = () => database.readAs(tenant, (read) => readRecounting(read, tenant))
    expect(await recounting()).toMatchObject({ problem: null, percent: null })
    const told = new AbortController()
    const seen: unknown[] = []
    const watched: Database = {
      ...database,
      async transaction(work) {
        const result = await database.transaction(work)
        if (seen.push(await recounting()) === 3) told.abort()
        return result
      },
    }
    const size = { eventsAPage: 20, rowsAStep: 10 }
    const change = { time_zone: 'Asia/Tokyo' }
    const options = { size, signal: told.signal }
    await expect(resettleCreator(watched, tenant, change, options)).rejects.toMatchObject({
      code: 'unavailable',
    })
    expect(seen[0]).toMatchObject({ percent: 0 })
    expect(seen.length).toBeLessThan(10)
    expect(await recounting()).toMatchObject({ percent: null })
    expect(await resettleCreator(database, tenant, change, { size })).toMatchObject({
      raised: true,
    })
    expect(await recounting()).toBeNull()
  })
})

/** Rows as JSON with their times in ms, sorted. */
function sorted(rows: readonly object[]): string[] {
  const texts = rows.map((row) =>
    JSON.stringify(
      Object.entries(row)
        .map(([key, value]) => [key, value instanceof Date ? value.getTime() : value])
        .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    ),
  )
  return texts.sort()
}

const of = (id: string, ts: number, type: string, more: object = {}) =>
  ({ id, ts, type, ...more }) as IncomingEvent

/** Two or three LIVEs, named by some of their events, with everything that is claimed, restated or pinned. */
function randomLog(random: Random): IncomingEvent[] {
  const lives = ['a', 'b', 'c'].slice(0, random.between(2, 3))
  const maybe = <T>(...values: readonly T[]) =>
    random.chance(0.6) ? random.pick(values) : undefined
  const events = lives.flatMap((session_id, n) => [
    of(`start-${session_id}`, START + n * HOUR_MS, 'live_started', { session_id }),
    ...(random.chance(0.7)
      ? [
          of(`end-${n}`, START + n * HOUR_MS + HOUR_MS / 2, 'live_ended', {
            session_id: maybe(session_id),
          }),
        ]
      : []),
  ])
  const types = [
    ...['payment_completed', 'order_created', 'order_shipped', 'customer_acquired', 'comment'],
    ...['like', 'share', 'gift', 'stock_level', 'viewer_joined', 'viewer_count', 'video_view'],
    ...['product_pinned', 'product_unpinned', 'product_click', 'ad_spend_incurred'],
  ]
  for (let n = random.between(40, 120); n > 0; n--) {
    const type = random.pick(types)
    const isRunning = ['like', 'share', 'video_view'].includes(type)
    const properties = {
      ...(isRunning && { total: random.between(0, 50) }),
      ...(type === 'gift' && { gift_id: 'rose', diamond_count: 3, streak_end: random.chance(0.5) }),
      ...(type === 'gift' && random.chance(0.5) && { streak_id: 's' }),
      ...(random.chance(0.1) && { unattributed: true }),
    }
    const event = {
      // Few times, so that many are the same.
      ...of(
        `${random.between(100, 999)}-${n}`,
        START + random.between(-2, 14) * (HOUR_MS / 4),
        type,
      ),
      session_id: random.chance(0.4) ? random.pick(lives) : undefined,
      channel: maybe('tiktok', 'shop'),
      order_id: /order|payment/.test(type) ? random.pick(['o1', 'o2', 'o3']) : maybe('o1', 'o4'),
      product_id: /product|stock/.test(type) ? random.pick(['p', 'q']) : maybe('p'),
      sku_id: maybe('p1', 'p2'),
      customer_id: type === 'customer_acquired' ? 'c1' : maybe('c1', 'c2'),
      user_id: type === 'comment' ? 'u1' : maybe('u1', 'u2', 'u3'),
      video_id: type === 'video_view' ? random.pick(['v', 'w']) : undefined,
      amount: /payment|ad_spend/.test(type) ? 100 : undefined,
      currency: /payment|ad_spend/.test(type) ? maybe('USD', 'EUR') : undefined,
      quantity:
        type === 'viewer_count' || type === 'stock_level' ? random.between(0, 3) : maybe(1, 5),
      properties,
    }
    const isRestated = ['ad_spend_incurred', 'stock_level', 'video_view'].includes(type)
    for (let revision = 0; revision === 0 || (isRestated && random.chance(0.3)); revision++) {
      const figure = { ...event, ...(revision > 0 && { revision, quantity: random.between(0, 3) }) }
      events.push(JSON.parse(JSON.stringify(figure)) as IncomingEvent)
    }
  }
  return events
}
