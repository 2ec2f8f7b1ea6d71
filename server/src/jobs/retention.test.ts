import { levels } from '@creatorflow/db/aggregates'
import { raw, sql } from '@creatorflow/db/sql'
import { shuffle, withDuplicates } from '@creatorflow/shared/simulator/disorder'
import { createRandom } from '@creatorflow/shared/simulator/random'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { scaled } from '../../../scripts/test/long-run.ts'
import {
  freshState,
  historyAnswers,
  liveOf,
  livesAroundMark,
  markOf,
  RETENTION_DAYS,
  withoutOrder,
} from '../../test/dropped-log.ts'
import { startApp, type TestApp, type TestCreator } from '../../test/harness.ts'
import { logOf } from '../../test/log-rows.ts'
import { createInProcessBus } from '../bus/in-process.ts'
import { silentLog } from '../core/log.ts'
import { createTelemetry } from '../core/telemetry.ts'
import { refreshHistory } from './refresh-history.ts'
import { resettleNoted } from './resettle.ts'
import { retain } from './retention.ts'

const log = silentLog()
const lives = ['live-0', 'live-1', 'live-2', 'live-3', 'live-4']

describe.each(databases())('dropping old events on $name', (backend) => {
  const bus = createInProcessBus({ log, telemetry: createTelemetry() })
  let app: TestApp

  /** Marks belong to the database: each test that moves them has its own. */
  const start = () =>
    startApp({
      database: backend,
      bus,
      env: { ROLES: 'pipeline,gateway', MAX_REQUESTS_PER_S_PER_CREATOR: '0' },
    })
  const round = (of = app, retentionDays = RETENTION_DAYS) =>
    retain({ database: of.database, bus, config: { retentionDays }, log })

  async function send(of: TestApp, creator: TestCreator, events: readonly object[], size = 500) {
    for (let at = 0; at < events.length; at += size) {
      const { json } = await of.post(events.slice(at, at + size), creator)
      expect(json.rejected).toEqual([])
    }
  }

  describe('in order', () => {
    let creator: TestCreator
    let before: Awaited<ReturnType<typeof everything>>

    const everything = async () => ({
      history: await historyAnswers(app, creator),
      lives: await Promise.all(lives.map((id) => liveOf(app, creator, id))),
      state: await freshState(app.database, creator.id),
      listed: (await app.get(`/api/v1/creators/${creator.id}/lives`, creator)).json,
    })

    beforeAll(async () => {
      app = await start()
      creator = await app.newCreator({ timeZone: 'Asia/Kolkata' })
      await send(app, creator, livesAroundMark(1))
      // Lines of an order at the same moment, but from two channels, count by their ids.
      await resettleNoted({ database: app.database, bus, config: { resettleDelayMs: 0 }, log })
      await refreshHistory(app.database, log)
      before = await everything()
      await app.database.query(sql`delete from checkpoints`)
      await round()
    }, 240_000)
    afterAll(() => app?.[Symbol.asyncDispose]())

    test('[KEEP-1] old events are gone with their ids and texts, and nothing else', async () => {
      const rows = await logOf(app.database, creator.id)
      expect(rows.length).toBeGreaterThan(100)
      expect(Math.min(...rows.map(({ ts }) => ts))).toBeGreaterThanOrEqual(markOf())
      const [left] = await app.database.query<Record<string, number>>(sql`
        select (select count(*)::int from event_ids where creator_id = ${creator.id}) as ids,
          (select count(*)::int from comments where creator_id = ${creator.id}) as words,
          (select count(*)::int from dropped_ids) as waiting`)
      const words = rows.filter(({ type }) => type === 'comment').length
      expect(left).toEqual({ ids: rows.length, words, waiting: 0 })
      // Continuous aggregates keep theirs, and nobody reads them.
      if (app.database.edition === 'timescale-community') return
      for (const { view } of levels) {
        const [sums] = await app.database.query<{ oldest: Date | null }>(sql`
          select min(bucket) as oldest from ${raw(view)} where creator_id = ${creator.id}`)
        expect(sums?.oldest?.getTime() ?? 0, view).toBeGreaterThanOrEqual(markOf())
      }
    })

    test('[KEEP-2] history answers as before, and unknowns are null with a reason', {
      timeout: 240_000,
    }, async () => {
      const after = await historyAnswers(app, creator)
      let unknown = 0
      for (const [question, points] of before.history) {
        const found = after.get(question) ?? []
        expect(found.length, question).toBe(points.length)
        for (const [n, point] of found.entries()) {
          const { value, reason, at } = point as { value?: number; reason?: string; at?: string }
          if (value === null && /no longer kept/.test(reason ?? '')) {
            unknown++
            expect(Date.parse(at ?? ''), question).toBeLessThan(markOf())
          } else expect(point, question).toEqual(points[n])
        }
      }
      expect(unknown).toBeGreaterThan(0)
    })

    test('[KEEP-2] every LIVE, and the list of LIVEs, is unchanged', async () => {
      for (const live of before.lives) {
        expect(await liveOf(app, creator, live.session_id), live.session_id).toEqual(live)
      }
      const { json } = await app.get(`/api/v1/creators/${creator.id}/lives`, creator)
      expect(json).toEqual(before.listed)
    })

    test('[KEEP-2] a starting node holds the same state, with a checkpoint and without', async () => {
      const checkpoints = () => app.database.query(sql`select from checkpoints`)
      expect(await checkpoints()).toHaveLength(1)
      expect(await freshState(app.database, creator.id)).toEqual(before.state)
      await app.database.query(sql`delete from checkpoints`)
      await app.database.query(sql`delete from tail`)
      expect(await freshState(app.database, creator.id)).toEqual(before.state)
    })
  })

  test('[KEEP-2][P4] in any order and in several rounds, totals, days, products and stock stay', {
    timeout: 240_000,
  }, async () => {
    for (let seed = 1; seed <= scaled(1, 2); seed++) {
      await using own = await start()
      const random = createRandom(`retention/${seed}`)
      const creator = await own.newCreator({ timeZone: 'Asia/Kolkata' })
      const events = shuffle(seed, withDuplicates(seed, livesAroundMark(seed, 0.1)))
      await send(own, creator, events, random.between(50, 300))
      const deps = { database: own.database, bus, config: { resettleDelayMs: 0 }, log }
      await resettleNoted(deps)
      const state = await freshState(own.database, creator.id)
      const whole = await Promise.all(lives.map((id) => liveOf(own, creator, id)))
      for (const days of [45, RETENTION_DAYS]) await round(own, days)
      await own.database.query(sql`delete from checkpoints`)
      const after = await freshState(own.database, creator.id)
      expect({ ...after, lives: {} }, `seed ${seed}`).toEqual({ ...state, lives: {} })
      expect(Object.keys(after.lives).sort()).toEqual(Object.keys(state.lives).sort())
      for (const live of whole) {
        const id = live.session_id
        const found = await liveOf(own, creator, id)
        expect(withoutOrder(found), `seed ${seed} ${id}`).toEqual(withoutOrder(live))
        const held = after.lives[id]
        if (held) expect(withoutOrder(held), `seed ${seed} ${id}`).toEqual(withoutOrder(live))
      }
    }
  })
})
