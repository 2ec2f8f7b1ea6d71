import { sql } from '@creatorflow/db/sql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { startApp, type TestApp } from '../../../test/harness.ts'
import { lowCtr, newsOf, placeOf } from './test/place.ts'

const env = { WATCH_INTERVAL_MS: '100', HOST: '0.0.0.0' }

describe.each(databases())('alerts on $name', (database) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ database, env })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())
  const newPlace = async () => placeOf(app, await app.newCreator())

  test('[ALERT-2] a rule fires once, says why in numbers, and ends with one recovery; screens hear both', async () => {
    const place = await newPlace()
    const rule_id = await place.addRule(lowCtr)
    const heard = await place.screen()
    // Too few views say nothing.
    await place.post([place.event('live_started'), place.views(99), place.clicks(1)])
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBeGreaterThan(0)
    await place.post([place.views(101)])
    const [fired] = await place.untilEpisodes(1)
    expect(fired).toMatchObject({
      rule_id,
      rule_name: 'CTR is low',
      session_id: 'live-1',
      ended_at: null,
      why: {
        kind: 'value',
        metric: 'ctr',
        value: 0.005,
        relation: '<',
        line: 0.06,
        sample: { metric: 'views', value: 200 },
      },
    })
    await expect
      .poll(() => newsOf(heard).filter(({ kind }) => kind === 'alert'))
      .toMatchObject([
        { id: `${fired.id}.fired`, transition: 'fired', name: 'CTR is low', severity: 'critical' },
      ])
    expect(heard.at(-1)?.open).toMatchObject([{ episode_id: fired.id, acknowledged_by: null }])
    // Whoever comes later holds what is on.
    const late = await place.screen()
    await expect.poll(() => late).toMatchObject([{ news: [], open: [{ episode_id: fired.id }] }])

    const acknowledged = await place.send('POST', `episodes/${fired.id}/acknowledge`, {})
    const by = acknowledged.json.episode.acknowledged_by
    expect(by).toEqual(expect.any(String))
    await expect.poll(() => late.at(-1)?.open[0]?.acknowledged_by).toBe(by)

    // Past the line that it fired at, and short of the one to recover at; then past that too.
    await place.post([place.clicks(14)])
    await place.post([place.clicks(10)])
    await expect
      .poll(async () => (await place.episodes())[0].ended_at, { timeout: 10_000 })
      .not.toBeNull()
    expect(await place.episodes()).toMatchObject([
      { id: fired.id, peak: 0.005, ended_why: { value: 0.125, relation: '>', line: 0.1 } },
    ])
    await expect
      .poll(() => newsOf(heard).flatMap(({ kind, id }) => (kind === 'alert' ? id : [])))
      .toEqual([`${fired.id}.fired`, `${fired.id}.recovered`])
    await expect.poll(() => late.at(-1)?.open).toEqual([])
  })

  test('[ALERT-2] the end of a LIVE ends its episodes', async () => {
    const place = await newPlace()
    await place.addRule(lowCtr)
    await place.goLow()
    await place.untilEpisodes(1)
    await place.post([place.event('live_ended')])
    await expect
      .poll(async () => (await place.episodes())[0].ended_why, { timeout: 10_000 })
      .toEqual({ kind: 'over', what: 'live' })
  })

  test('[ALERT-5] what was imported never fires, alone or into a LIVE that is on', async () => {
    const place = await newPlace()
    await place.addRule(lowCtr)
    const other = await newPlace()
    const rule_id = await other.addRule(lowCtr)
    const old = Date.now() - 10 * 60_000
    const past = (fields: object) => ({ ...fields, ts: old })
    // A LIVE of ten minutes ago, without an end.
    await place.post([place.event('live_started'), place.views(200), place.clicks(1)].map(past))
    // A LIVE that is on, with a CTR that is fine until history comes.
    await other.post([other.event('live_started', { ts: old })])
    await other.post([other.views(200), other.clicks(40)])
    // The engine has seen it as it is, since it keeps what it saw of insights.
    await expect.poll(other.states, { timeout: 10_000 }).toBeGreaterThan(0)
    await other.post([other.views(9_000)].map(past))
    // A third one shows that the engine looked meanwhile.
    const third = await newPlace()
    await third.addRule(lowCtr)
    await third.goLow()
    await third.untilEpisodes(1)
    expect(await place.episodes()).toEqual([])
    await expect
      .poll(() =>
        app.database.query(sql`
          select rule_id::text, state -> 'state' ->> 'passed' as passed from alert_states
          where state -> 'state' ->> 'passed' is not null`),
      )
      .toEqual([{ rule_id, passed: 'true' }])
    expect(await other.episodes()).toEqual([])
  })

  test('[ALERT-7] a silence, a mute and quiet hours tell nobody, and keep the history', async () => {
    const now = new Date()
    const clock = (minutes: number) =>
      new Date(now.getTime() + minutes * 60_000).toISOString().slice(11, 16)
    const place = placeOf(app, await app.newCreator({ timeZone: 'UTC' }))
    const heard = await place.screen()
    const ids = {
      silenced: await place.addRule({ ...lowCtr, name: 'silenced' }),
      muted: await place.addRule({ ...lowCtr, name: 'muted', muted: true }),
      quiet: await place.addRule({
        ...lowCtr,
        name: 'quiet',
        quiet_hours: { from: clock(-60), to: clock(120) },
      }),
      off: await place.addRule({ ...lowCtr, name: 'off', enabled: false }),
    }
    const silence = await place.send('POST', 'silences', { rule_id: ids.silenced, minutes: 5 })
    expect(silence.status).toBe(201)
    await place.goLow()
    await place.untilEpisodes(3)
    expect(
      Object.fromEntries(
        (await place.episodes()).map((one: { rule_name: string; hushed: string }) => [
          one.rule_name,
          one.hushed,
        ]),
      ),
    ).toEqual({ silenced: 'silenced', muted: 'muted', quiet: null })
    const outbox = () =>
      app.database.query<{ name: string; transition: string; hushed: string; held: boolean }>(sql`
        select name, transition, hushed, held_until > clock_timestamp() + interval '1 hour' as held
        from alert_outbox where rule_id = any(${Object.values(ids)}::uuid[]) order by name, transition`)
    expect(await outbox()).toEqual([
      { name: 'muted', transition: 'fired', hushed: 'muted', held: null },
      { name: 'quiet', transition: 'fired', hushed: null, held: true },
      { name: 'silenced', transition: 'fired', hushed: 'silenced', held: null },
    ])
    // Screens are told in quiet hours too: whoever looks at one is awake.
    const names = () => newsOf(heard).flatMap(({ kind, name }) => (kind === 'alert' ? name : []))
    await expect.poll(names).toEqual(['quiet'])
    await place.post([place.clicks(60)])
    await expect.poll(async () => (await outbox()).length, { timeout: 10_000 }).toBe(6)
    // It came and went within quiet hours: nobody is woken up for either.
    expect(new Set((await outbox()).map(({ hushed }) => hushed))).toEqual(
      new Set(['muted', 'quiet', 'silenced']),
    )
    await expect.poll(names).toEqual(['quiet', 'quiet'])
  })
})
