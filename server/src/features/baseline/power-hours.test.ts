import { sql } from '@creatorflow/db/sql'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { startApp, type TestApp } from '../../../test/harness.ts'
import { silentLog } from '../../core/log.ts'
import { refreshHistory } from '../../jobs/refresh-history.ts'
import { powerHoursOf, type SoldInHour } from './power-hours.ts'

const QUARTER_MS = 900_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

const sold = (weekday: number, hour: number, gmv: number): SoldInHour => ({
  weekday,
  hour,
  gmv,
  main_orders: 1,
  viewer_minutes: 2,
  viewer_minute_sum: 30_000,
})

describe('hours of the week', () => {
  test('[COMPARE-4] are those of the zone, even a half-hour one', () => {
    const at = Date.parse('2026-03-08T18:30:00Z')
    const range = { from: at - DAY_MS, to: at + DAY_MS }
    const lives = [{ session_id: 'a', started_at: at - QUARTER_MS, ended_at: at + HOUR_MS }]
    // Midnight from Sunday to Monday in India.
    expect(powerHoursOf([sold(1, 0, 700)], lives, range, 'Asia/Kolkata')).toEqual([
      {
        weekday: 1,
        hour: 0,
        seconds: 3600,
        lives: 1,
        gmv: 700,
        main_orders: 1,
        average_viewers: 15,
      },
      {
        weekday: 7,
        hour: 23,
        seconds: 900,
        lives: 1,
        gmv: 0,
        main_orders: 0,
        average_viewers: null,
      },
    ])
  })

  test('[COMPARE-4] an hour that comes twice has the air time of both; a skipped hour is absent', () => {
    const night = Date.parse('2025-10-25T22:00:00Z')
    const lives = [{ session_id: 'a', started_at: night, ended_at: night + 6 * HOUR_MS }]
    const range = { from: night - DAY_MS, to: night + DAY_MS }
    const autumn = powerHoursOf([sold(7, 2, 800)], lives, range, 'Europe/Berlin')
    expect(autumn.map(({ hour, seconds, gmv }) => [hour, seconds, gmv])).toEqual([
      [0, 3600, 0],
      [1, 3600, 0],
      [2, 7200, 800],
      [3, 3600, 0],
      [4, 3600, 0],
    ])
    const spring = Date.parse('2026-03-28T23:00:00Z')
    const hours = powerHoursOf(
      [],
      [{ session_id: 'a', started_at: spring, ended_at: spring + 3 * HOUR_MS }],
      { from: spring - DAY_MS, to: spring + DAY_MS },
      'Europe/Berlin',
    )
    expect(hours.map(({ hour }) => hour)).toEqual([0, 1, 3])
  })

  test('[COMPARE-4] simultaneous LIVEs count as one time on air, within the range', () => {
    const from = Date.parse('2026-03-02T00:00:00Z')
    const range = { from, to: from + 14 * DAY_MS }
    const span = fc.tuple(fc.integer({ min: -40, max: 1_000 }), fc.integer({ min: 0, max: 400 }))
    fc.assert(
      fc.property(fc.array(span, { maxLength: 12 }), (spans) => {
        const lives = spans.map(([start, length], n) => ({
          session_id: `${n}`,
          started_at: from + start * 60_000,
          ended_at: from + (start + length) * 60_000,
        }))
        const minutes = new Set(
          spans.flatMap(([start, length]) =>
            Array.from({ length }, (_, n) => start + n).filter((minute) => minute >= 0),
          ),
        )
        const hours = powerHoursOf([], lives, range, 'America/New_York')
        const seconds = hours.reduce((sum, hour) => sum + hour.seconds, 0)
        expect(seconds).toBe(minutes.size * 60)
      }),
    )
  })
})

describe.each(databases())('hours of the week on $name', (database) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ database, env: { MAX_REQUESTS_PER_S_PER_CREATOR: '0' } })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  test('[COMPARE-4] equal the log, of LIVEs alone and of the weeks asked for', async () => {
    const timeZone = 'Australia/Lord_Howe'
    const creator = await app.newCreator({ timeZone })
    const today = Math.floor(Date.now() / DAY_MS) * DAY_MS
    const events = Array.from({ length: 40 }, (_, n) => {
      const ts = today - (n + 1) * 31 * HOUR_MS
      const of = { session_id: `live-${n}`, ts }
      return [
        { ...of, id: `s${n}`, type: 'live_started' },
        { ...of, id: `v${n}`, type: 'viewer_count', ts: ts + 60_000, quantity: 10 + n },
        { ...of, id: `p${n}`, type: 'payment_completed', ts: ts + 50 * 60_000, amount: 100 + n },
        { id: `x${n}`, type: 'payment_completed', ts: ts + 10 * HOUR_MS, amount: 9_000 },
        { ...of, id: `e${n}`, type: 'live_ended', ts: ts + HOUR_MS },
      ]
    }).flat()
    await app.post(events.slice(0, 120), creator)
    await refreshHistory(app.database, silentLog())
    const { json: account } = await app.post(events.slice(120), creator)
    expect(account.rejected).toEqual([])
    const path = `/api/v1/creators/${creator.id}/power-hours?weeks=4`
    const { status, json } = await app.get(path, creator)
    expect(status).toBe(200)
    expect(json).toMatchObject({ weeks: 4, time_zone: timeZone, currency: 'USD' })
    const rows = await app.database.query<{ seconds: number }>(sql`
      select extract(isodow from ts at time zone ${timeZone})::int as weekday,
        extract(hour from ts at time zone ${timeZone})::int as hour,
        sum(money)::bigint as gmv, sum(main_order)::bigint as main_orders
      from events where creator_id = ${creator.id} and session_id is not null
        and type = 'payment_completed' and ts >= ${json.from}::timestamptz
      group by 1, 2 order by 1, 2`)
    const sold = json.hours.filter(({ gmv }: { gmv: number }) => gmv > 0)
    const pick = ({ weekday, hour, gmv, main_orders }: Record<string, number>) => ({
      weekday,
      hour,
      gmv,
      main_orders,
    })
    expect(sold.map(pick)).toEqual(rows)
    const seconds = json.hours.reduce(
      (sum: number, hour: { seconds: number }) => sum + hour.seconds,
      0,
    )
    const whole = events.filter(({ id, ts }) => id.startsWith('s') && ts >= Date.parse(json.from))
    expect(Math.abs(seconds - whole.length * 3600)).toBeLessThanOrEqual(3600)
  })

  test('[COMPARE-4] more weeks than an answer holds are refused, and another creator’s are not shown', async () => {
    const [own, other] = [await app.newCreator(), await app.newCreator()]
    const ask = (query: string, as = own) =>
      app.get(`/api/v1/creators/${own.id}/power-hours${query}`, as)
    expect((await ask('?weeks=27')).status).toBe(400)
    expect((await ask('', other)).status).toBe(403)
    expect((await ask('')).json).toMatchObject({ weeks: 8, hours: [] })
  })
})
