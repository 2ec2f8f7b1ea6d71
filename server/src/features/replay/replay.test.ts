import { emptyState, type LiveEntry } from '@creatorflow/shared/live-state'
import type { NumberedEvent } from '@creatorflow/shared/numbered-event'
import { foldInTime } from '@creatorflow/shared/replay'
import { shuffle, withDuplicates } from '@creatorflow/shared/simulator/disorder'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import {
  liveOf,
  livesAroundMark,
  markOf,
  RETENTION_DAYS,
  withoutOrder,
} from '../../../test/dropped-log.ts'
import { startApp, type TestApp, type TestCreator } from '../../../test/harness.ts'
import { catalogueTotals } from '../../../test/sql-oracle.ts'
import { createInProcessBus } from '../../bus/in-process.ts'
import { silentLog } from '../../core/log.ts'
import { createTelemetry } from '../../core/telemetry.ts'
import { retain } from '../../jobs/retention.ts'
import { stretchAt } from './queries.ts'

const log = silentLog()
/** Nothing is re-attributed meanwhile. */
const env = { ROLES: 'pipeline,gateway', MAX_REQUESTS_PER_S_PER_CREATOR: '0' }

describe.each(databases())('events for a replay on $name', (backend) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ database: backend, env })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  test('[PAST-8] replayed to its end, a LIVE has the totals of REST, screens and SQL, in any order of arrival', async () => {
    for (const seed of [1, 2, 3, 4]) {
      const creator = await app.newCreator({ timeZone: 'Asia/Kolkata' })
      const inOrder = seed % 2 === 0
      const events = simulated(seed)
      await send(app, creator, inOrder ? events : disordered(seed, events))
      const replayed = await replay(app, creator, 'live', 300)
      const stored = await liveOf(app, creator, 'live')
      expect(replayed.totals, `seed ${seed}`).toEqual(stored.totals)
      expect(replayed.totals).toEqual(
        await catalogueTotals(app.database, creator.id, { session_id: 'live' }),
      )
      const { json } = await app.get(`/api/v1/creators/${creator.id}/live`, creator)
      expect(replayed.totals).toEqual(json.state.lives.live.totals)
      expect(withoutOrder(replayed)).toEqual(withoutOrder(stored))
      if (inOrder) expect(replayed).toEqual(stored)
    }
  })

  test('[PAST-8] pages of any size give each event of the LIVE once, in order of time', async () => {
    const creator = await app.newCreator()
    // Some come before the LIVE starts, and refunds days after it.
    const early = { id: 'early', type: 'comment', session_id: 'live', ts: NOON - 3_600_000 }
    const other = { id: 'other', type: 'comment', session_id: 'other', ts: NOON + 1_000 }
    const sent = [...simulated(9), early]
    await send(app, creator, disordered(9, [...sent, other]))
    for (const limit of [1_000, 97]) {
      const events = await eventsOf(app, creator, 'live', limit)
      expect(new Set(events.map(({ id }) => id))).toEqual(new Set(sent.map(({ id }) => id)))
      expect(events).toHaveLength(sent.length)
      const inTime = [...events].sort((a, b) => a.ts - b.ts || a.seq - b.seq)
      expect(events.map(({ seq }) => seq)).toEqual(inTime.map(({ seq }) => seq))
    }
  })

  test('[PAST-8] an invalid cursor is refused, and an unknown LIVE is not found', async () => {
    const creator = await app.newCreator()
    const path = `/api/v1/creators/${creator.id}/lives/none/events`
    expect(await app.get(`${path}?cursor=x`, creator)).toMatchObject({ status: 400 })
    expect(await app.get(path, creator)).toMatchObject({ status: 404 })
  })

  test('[PAST-8] a LIVE with dropped events is not replayed in part: the answer says why', async () => {
    await using own = await startApp({ database: backend, env })
    const creator = await own.newCreator()
    await send(own, creator, livesAroundMark(1))
    await using bus = createInProcessBus({ log, telemetry: createTelemetry() })
    await retain({ database: own.database, bus, config: { retentionDays: RETENTION_DAYS }, log })
    expect(markOf()).toBeGreaterThan(0)
    // The first lies before the mark, the third across it.
    for (const session of ['live-0', 'live-2']) {
      const path = `/api/v1/creators/${creator.id}/lives/${session}/events`
      const { status, json } = await own.get(path, creator)
      expect(status).toBe(410)
      expect(json.error.message).toMatch(/no longer kept.*can’t be replayed/)
    }
    expect((await replay(own, creator, 'live-4', 500)).totals).toEqual(
      (await liveOf(own, creator, 'live-4')).totals,
    )
  })
})

test('[PAST-8] ranges of time follow each other without a hole, and are few', () => {
  const span = { from: 1_000, to: 1_000 + 400 * 86_400_000 }
  let ts = Number.NEGATIVE_INFINITY
  for (let count = 1; ; count++) {
    const { since, before } = stretchAt(ts, span)
    expect(since).toBe(ts)
    expect(before).toBeGreaterThan(since)
    if (before === Number.POSITIVE_INFINITY) break
    expect(count).toBeLessThan(300)
    ts = before
  }
})

const NOON = Date.UTC(2026, 9, 20, 12)

function simulated(seed: number) {
  const { events } = simulateLive({
    seed: `replay/${seed}`,
    sessionId: 'live',
    startAt: NOON,
    durationMs: 150_000,
    rate: 0.5,
    currency: 'USD',
    timeZone: 'Asia/Kolkata',
  })
  return events
}

function disordered<T>(seed: number, events: readonly T[]): T[] {
  return withDuplicates(seed, shuffle(seed, events))
}

async function send(app: TestApp, creator: TestCreator, events: readonly object[]): Promise<void> {
  for (let at = 0; at < events.length; at += 500) {
    const { json } = await app.post(events.slice(at, at + 500), creator)
    expect(json.rejected).toEqual([])
  }
}

async function eventsOf(
  app: TestApp,
  creator: TestCreator,
  session: string,
  limit: number,
): Promise<NumberedEvent[]> {
  const events: NumberedEvent[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const from: string = cursor && `&cursor=${cursor}`
    const path = `/api/v1/creators/${creator.id}/lives/${session}/events?limit=${limit}${from}`
    const { status, json } = await app.get(path, creator)
    expect(status).toBe(200)
    expect(json.events.length).toBeLessThanOrEqual(limit)
    events.push(...json.events)
    cursor = json.cursor
  }
  return events
}

async function replay(
  app: TestApp,
  creator: TestCreator,
  session: string,
  limit: number,
): Promise<LiveEntry> {
  const { started_at } = await liveOf(app, creator, session)
  const events = await eventsOf(app, creator, session, limit)
  const live = foldInTime(emptyState(), events, started_at).lives[session]
  if (!live) throw new Error(`${session} was not played`)
  return live
}
