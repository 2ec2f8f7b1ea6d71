import { randomUUID } from 'node:crypto'
import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { IncomingEvent } from '@creatorflow/shared/events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { openTestPipeline, type TestPipeline } from '../../test/test-pipeline.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { acceptedEvent } from './accept.ts'
import type { Pipeline } from './pipeline.ts'
import { noteProgress, readRecounting } from './recount-notes.ts'

const NOON = Date.UTC(2026, 9, 20, 12)
const DAY_MS = 86_400_000

describe.each(databases())('what asks for a recount on $name', (backend) => {
  let ground: TestPipeline
  let database: Database
  let pipeline: Pipeline

  beforeAll(async () => {
    ground = await openTestPipeline(backend)
    ;({ database, pipeline } = ground)
  })
  afterAll(() => ground?.[Symbol.asyncDispose]())

  async function newCreator(id: string) {
    const tenant = await ground.newCreator(id)
    return {
      send: (...events: IncomingEvent[]) =>
        pipeline.submit(
          events.map((event) => acceptedEvent(id, event, event, NOON)),
          'live',
        ),
      recounting: () => database.readAs(tenant, (read) => readRecounting(read, tenant)),
    }
  }

  const edge = (type: 'live_started' | 'live_ended', session_id: string, ts: number) =>
    ({ id: `${session_id}-${type}`, type, session_id, ts }) as IncomingEvent
  const likes = (session_id: string, minute: number, total: number): IncomingEvent => ({
    id: `${session_id}-${minute}`,
    type: 'like',
    session_id,
    ts: NOON + minute * 60_000,
    properties: { total },
  })

  test("[RECOUNT-2] a recount waiting for a LIVE's end ignores the end of an older LIVE", async () => {
    const { send, recounting } = await newCreator('waits')
    await send(edge('live_started', 'now', NOON), likes('now', 3, 300))
    await send(likes('now', 2, 250))
    const yesterday = NOON - DAY_MS
    await send(
      edge('live_started', 'old', yesterday),
      edge('live_ended', 'old', yesterday + 60_000),
    )
    expect(await recounting()).toBeNull()
    await send(edge('live_ended', 'now', NOON + 300_000))
    expect(await recounting()).toMatchObject({ problem: null })
  })

  test('[RECOUNT-4] whoever rewrites a log keeps it even between writes, and nobody else rewrites it', async () => {
    await newCreator('claimed')
    const [by, other] = [randomUUID(), randomUUID()]
    const tenant = serverTenant('claimed')
    const isClaimed = async () => {
      const [row] = await database.query<{ claimed: boolean }>(sql`
        select rewriting_until > clock_timestamp() as claimed from resettle
        where creator_id = 'claimed'`)
      return row?.claimed
    }
    await database.query(sql`
      insert into resettle (creator_id, reason, rewritten_by, rewriting_until)
      values ('claimed', 'live', ${by}::uuid, clock_timestamp())`)
    await noteProgress(database, tenant, { by: other, done: 1, total: 2 })
    expect(await isClaimed()).toBe(false)
    await noteProgress(database, tenant, { by, done: 1, total: 2 })
    expect(await isClaimed()).toBe(true)
  })

  test('[RECOUNT-2] a recount waits for each LIVE with late events, and runs when the first one ends', async () => {
    const { send, recounting } = await newCreator('waits-both')
    for (const live of ['one', 'two']) {
      await send(edge('live_started', live, NOON), likes(live, 3, 300))
      await send(likes(live, 2, 250))
    }
    expect(await recounting()).toBeNull()
    await send(edge('live_ended', 'two', NOON + 300_000))
    expect(await recounting()).toMatchObject({ problem: null })
  })
})
