import type { LiveEntry } from '@creatorflow/shared/live-state'
import { presentLive } from '@creatorflow/shared/present'
import { shuffle } from '@creatorflow/shared/simulator/disorder'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { startApp, type TestApp, type TestCreator } from '../../../test/harness.ts'
import { createInProcessBus } from '../../bus/in-process.ts'
import { silentLog } from '../../core/log.ts'
import { createTelemetry } from '../../core/telemetry.ts'
import { resettleNoted } from '../../jobs/resettle.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** Half an hour before midnight in the creator's zone. */
const START = Date.UTC(2026, 9, 20, 23, 30)

type Event = { id: string; type: string; ts: number } & Record<string, unknown>
const log = silentLog()

describe.each(databases())('average viewers on $name', (backend) => {
  const bus = createInProcessBus({ log, telemetry: createTelemetry() })
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ database: backend, bus, env: { RESETTLE_DELAY_MS: '86400000' } })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  const at = (id: string, minute: number, type: string, more: object = {}): Event => ({
    id,
    type,
    ts: START + Math.round(minute * MINUTE_MS),
    session_id: 'evening',
    ...more,
  })
  const viewers = (minute: number, quantity: number) =>
    at(`v-${minute}`, minute, 'viewer_count', { quantity })

  async function averages(events: readonly Event[], size: number) {
    const creator = await app.newCreator({ timeZone: 'UTC' })
    for (let from = 0; from < events.length; from += size) {
      const part = events.slice(from, from + size)
      const { json } = await app.post(part, { key: creator.key })
      expect(json).toMatchObject({ accepted: part.length, rejected: [] })
    }
    await resettleNoted({ database: app.database, bus, config: { resettleDelayMs: 0 }, log })
    return {
      total: await ask(creator, 'bucket=total'),
      session: await ask(creator, 'bucket=total&by=session'),
      days: await ask(creator, 'bucket=1d'),
      hours: await ask(creator, 'bucket=1h'),
      screen: await onScreen(creator),
    }
  }

  async function ask(creator: TestCreator, query: string, metric = 'average_viewers') {
    const range = `from=${new Date(START - 1.5 * HOUR_MS).toISOString()}&to=${new Date(START + 24.5 * HOUR_MS).toISOString()}`
    const path = `/api/v1/creators/${creator.id}/metrics/${metric}?${range}&${query}`
    const { status, json } = await app.get(path, creator)
    expect(status).toBe(200)
    const series = json.series as { key?: string | null; points: { value: number | null }[] }[]
    return series
      .filter(({ key }) => key !== null)
      .flatMap(({ points }) => points.flatMap(({ value }) => (value === null ? [] : [value])))
  }

  async function onScreen(creator: TestCreator) {
    const { json } = await app.get(`/api/v1/creators/${creator.id}/lives/evening`, creator)
    return presentLive(json.live as LiveEntry, Date.now()).metrics.average_viewers?.value
  }

  test('[METRIC-3] reports once a minute or each second count by minute, in every answer', async () => {
    const events = [
      at('start', 0, 'live_started'),
      ...Array.from({ length: 8 }, (_, n) => viewers(n, 50)),
      ...Array.from({ length: 60 }, (_, n) => viewers(8 + n / 60, 500)),
      at('end', 9, 'live_ended'),
    ]
    const { total, session, days, hours, screen } = await averages(events, 30)
    expect([total, session, days, hours, screen]).toEqual([[100], [100], [100], [100], 100])
  })

  test('[METRIC-3] reports outside the LIVE or in a pause do not count, in any order; days have their own mean', async () => {
    const events = [
      viewers(-0.5, 0),
      at('start', 0, 'live_started'),
      viewers(1, 100),
      viewers(2, 200),
      at('paused', 3, 'live_paused'),
      viewers(4, 0),
      at('resumed', 28, 'live_resumed'),
      viewers(28.2, 300),
      viewers(31, 600),
      at('end', 31.5, 'live_ended'),
      viewers(31.6, 0),
      viewers(31.7, 0),
      viewers(33, 0),
    ]
    // Minute 0 has no value; 29 and 30 repeat minute 28.
    const [first, second] = [(100 + 200 + 300 + 300) / 4, (300 + 600) / 2]
    const whole = (100 + 200 + 300 * 3 + 600) / 6
    const wanted = {
      total: [whole],
      session: [whole],
      days: [first, second],
      hours: [first, second],
      screen: whole,
    }
    expect(await averages(events, 20)).toEqual(wanted)
    expect(await averages(events, 1)).toEqual(wanted)
    for (const order of [events.toReversed(), shuffle(1, events), shuffle(2, events)]) {
      expect(await averages(order, 3), order.map(({ id }) => id).join(' ')).toEqual(wanted)
    }
  })
})
