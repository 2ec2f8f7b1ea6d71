import { openTestDatabase } from '@creatorflow/db/testing'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../../scripts/test/backends.ts'
import { startApp, type TestApp } from '../../../../test/harness.ts'
import { lowCtr, placeOf } from '../test/place.ts'

const rule = {
  name: 'GMV is high',
  condition: { kind: 'above', metric: 'gmv', subject: { of: 'live' }, fires_at: 20_000 },
  for_seconds: 60,
}

describe.each(databases())('trying rules on $name', (backend) => {
  let app: TestApp
  const statements: string[] = []
  beforeAll(async () => {
    const database = await openTestDatabase(backend)
    app = await startApp({
      database,
      env: { WATCH_INTERVAL_MS: '100', HOST: '0.0.0.0' },
      wrap: (inner) => ({
        ...inner,
        edition: inner.edition,
        description: inner.description,
        [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
        readAs: (tenant, work) =>
          inner.readAs(tenant, (read) =>
            work({
              ...read,
              query: (statement) => {
                statements.push(statement.text)
                return read.query(statement)
              },
            }),
          ),
      }),
    })
  })
  afterAll(async () => {
    const { database } = app
    await app[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  test('[ALERT-4] an imported LIVE is tried by the times of its events, and another threshold reads no event again', async () => {
    const creator = await app.newCreator()
    const place = placeOf(app, creator)
    const startAt = Math.floor((Date.now() - 3 * 3_600_000) / 60_000) * 60_000
    const { events, truth } = simulateLive({
      seed: 1,
      sessionId: 'past',
      startAt,
      durationMs: 20 * 60_000,
      rate: 0.3,
      aftermath: false,
      currency: 'USD',
      timeZone: 'America/New_York',
    })
    await app.post(events, creator)
    const ask = async (fires_at: number) => {
      const condition = { ...rule.condition, fires_at }
      const reply = await place.send('POST', 'backtest', { rule: { ...rule, condition } })
      expect(reply.status, reply.text).toBe(200)
      return reply.json
    }
    // The payments while it was on air.
    const end = truth.ended_at ?? 0
    const paid = events.filter(
      ({ type, currency, ts }) => type === 'payment_completed' && currency === 'USD' && ts < end,
    )
    const gmv = paid.reduce((sum, { amount = 0 }) => sum + amount, 0)
    const first = await ask(Math.floor(gmv / 2))
    expect(first).toMatchObject({ unavailable: null, episodes: 1 })
    const [live] = first.lives
    expect(live).toMatchObject({ session_id: 'past', imported: true })
    expect(live.curve.at(-1).value).toBe(gmv)
    const [episode] = live.episodes
    let sum = 0
    const crossed = paid.find(({ amount = 0 }) => {
      sum += amount
      return sum > Math.floor(gmv / 2)
    })
    const at = (crossed?.ts ?? 0) + 60_000
    expect(Math.abs(Date.parse(episode.fired_at) - at)).toBeLessThan(2_000)
    expect(episode.minute).toBe(
      Math.floor(Date.parse(episode.fired_at) / 60_000) - startAt / 60_000,
    )
    expect(episode.ended_why).toEqual({ kind: 'over', what: 'live' })

    statements.length = 0
    expect((await ask(gmv + 1)).episodes).toBe(0)
    expect(statements.filter((text) => /seen_at|count\(/.test(text))).toEqual([])
  })

  test('[ALERT-4] a LIVE that happened is tried by arrival, and gives what the engine told', async () => {
    const place = placeOf(app, await app.newCreator())
    await place.addRule(lowCtr)
    await place.goLow()
    const [told] = await place.untilEpisodes(1)
    await place.post([place.clicks(60)])
    await expect
      .poll(async () => (await place.episodes())[0].ended_at, { timeout: 15_000 })
      .not.toBeNull()
    await place.post([place.event('live_ended')])
    const { json } = await place.send('POST', 'backtest', { rule: lowCtr, lives: 1 })
    expect(json.lives).toMatchObject([{ imported: false, episodes: [{ why: told.why }] }])
    const [tried] = json.lives[0].episodes
    const [{ fired_at, ended_at }] = await place.episodes()
    expect(Math.abs(Date.parse(tried.fired_at) - Date.parse(fired_at))).toBeLessThan(10_000)
    expect(Math.abs(Date.parse(tried.ended_at) - Date.parse(ended_at))).toBeLessThan(10_000)
  })

  test('[ALERT-4] what cannot be tried says why; a noisy rule gets a calmer threshold that was tried', async () => {
    const place = placeOf(app, await app.newCreator())
    const down = { name: 'r', condition: { kind: 'source_down' } }
    expect((await place.send('POST', 'backtest', { rule: down })).json).toMatchObject({
      unavailable: expect.stringContaining('not kept'),
      lives: [],
    })
    const startAt = Math.floor((Date.now() - 2 * 3_600_000) / 60_000) * 60_000
    const live = { session_id: 'swings' }
    const events: object[] = [{ ...live, id: 's', type: 'live_started', ts: startAt }]
    // Every other minute many comments, each time more of them.
    for (let minute = 2; minute < 40; minute += 4) {
      const ts = startAt + minute * 60_000
      events.push({ ...live, id: `c${minute}`, type: 'comment', user_id: 'u', quantity: 1, ts })
      events.push({ ...live, id: `g${minute}`, type: 'share', quantity: 10 + minute, ts })
      events.push({
        ...live,
        id: `v${minute}`,
        type: 'viewer_count',
        quantity: 5,
        ts: ts + 120_000,
      })
    }
    events.push({ ...live, id: 'e', type: 'live_ended', ts: startAt + 41 * 60_000 })
    await place.post(events)
    const id = await place.addRule({
      name: 'Shares',
      condition: {
        kind: 'above',
        metric: 'shares',
        subject: { of: 'live' },
        over_minutes: 1,
        fires_at: 5,
      },
      for_seconds: 0,
      keep_firing_seconds: 0,
      cooldown_seconds: 0,
    })
    const { json } = await place.send('GET', `rules/${id}/noise`)
    expect(json).toMatchObject({ episodes: 0, suggestion: { lives: 1, episodes_now: 10 } })
    expect(json.suggestion.episodes_then).toBeLessThan(6)
    expect(json.suggestion.condition.fires_at).toBeGreaterThan(5)
  })
})
