import { sql } from '@creatorflow/db/sql'
import { defaultRules } from '@creatorflow/shared/alerts/defaults'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../../scripts/test/backends.ts'
import { startApp, type TestApp } from '../../../../test/harness.ts'
import { newUser } from '../../../../test/people.ts'
import { lowCtr, placeOf } from '../test/place.ts'

const env = { WATCH_INTERVAL_MS: '100', HOST: '0.0.0.0', MAX_ALERT_RULES: '20' }
const live = { of: 'live' }

describe.each(databases())('alert rules on $name', (database) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ database, env })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())
  const newPlace = async () => placeOf(app, await app.newCreator())

  test('[ALERT-3] the default rules are there at once, and stay deleted', async () => {
    const place = await newPlace()
    const rules = await place.rules()
    expect(rules.map(({ origin }: { origin: string }) => origin)).toEqual(
      defaultRules.map(({ origin }) => origin),
    )
    expect((await place.send('DELETE', `rules/${rules[0].id}`)).status).toBe(204)
    expect(await place.rules()).toHaveLength(defaultRules.length - 1)
    const off = await place.send('PATCH', `rules/${rules[1].id}`, { enabled: false })
    expect(off.json.rule).toEqual({ ...rules[1], enabled: false, changed_at: expect.any(String) })
  })

  test.each([
    ['an unknown metric', { kind: 'below', metric: 'luck', subject: live, fires_at: 1 }],
    ['no metric', { kind: 'below', metric: null, subject: live, fires_at: 1 }],
    [
      'a threshold that is not a number',
      { kind: 'below', metric: 'ctr', subject: live, fires_at: 'NaN' },
    ],
    ['no threshold', { kind: 'below', metric: 'ctr', subject: live }],
    ['recovery beyond firing', { ...lowCtr.condition, recovers_at: 0.01 }],
    [
      'recovery beyond firing',
      { kind: 'above', metric: 'gmv', subject: live, fires_at: 5, recovers_at: 6 },
    ],
    ['an empty band', { kind: 'outside', metric: 'ctr', subject: live, low: 2, high: 1 }],
    [
      'a margin as wide as its band',
      { kind: 'outside', metric: 'ctr', subject: live, low: 0, high: 1, margin: 0.5 },
    ],
    ['no change', { kind: 'change', metric: 'gmv', subject: live, window_minutes: 5, percent: 0 }],
    [
      'a change that recovers when it is worse',
      {
        kind: 'change',
        metric: 'gmv',
        subject: live,
        window_minutes: 5,
        percent: -40,
        recovers_percent: -60,
      },
    ],
    [
      'a change that recovers on the other side',
      {
        kind: 'change',
        metric: 'gmv',
        subject: live,
        window_minutes: 5,
        percent: -40,
        recovers_percent: 10,
      },
    ],
    ['a metric without a better side', { kind: 'unusual', metric: 'pins', deviations: 3 }],
    ['minutes of what is not kept by minute', { kind: 'no_data', metric: 'gifts', minutes: 5 }],
    [
      'minutes of a day',
      { kind: 'above', metric: 'gmv', subject: { of: 'day' }, over_minutes: 5, fires_at: 1 },
    ],
    [
      'a metric of days in a LIVE',
      { kind: 'above', metric: 'daily_revenue', subject: live, fires_at: 1 },
    ],
    [
      'a metric that products do not have',
      { kind: 'above', metric: 'views', subject: { of: 'product', product_id: null }, fires_at: 1 },
    ],
    ['an unknown kind', { kind: 'vibes' }],
  ])('[ALERT-6] %s is refused with the reason', async (_, condition) => {
    const place = await newPlace()
    const reply = await place.send('POST', 'rules', { name: 'r', condition })
    expect(reply.status, reply.text).toBe(400)
    expect(reply.json.error.details.fields.length).toBeGreaterThan(0)
  })

  test.each([
    [{ for_seconds: 12 * 3_600 + 1 }, 'for_seconds'],
    [{ keep_firing_seconds: -1 }, 'keep_firing_seconds'],
    [{ quiet_hours: { from: '25:00', to: '07:00' } }, 'quiet_hours.from'],
    [{ quiet_hours: { from: '07:00', to: '07:00' } }, 'quiet_hours'],
    [{ words: 'x'.repeat(201) }, 'words'],
    [{ targets: Array.from({ length: 21 }, String) }, 'targets'],
    [{ severity: 'panic' }, 'severity'],
    [{ unknown: 1 }, ''],
  ])('[ALERT-6] %j is refused, in a new rule and in a change', async (fields, path) => {
    const place = await newPlace()
    const added = await place.send('POST', 'rules', { ...lowCtr, ...fields })
    expect(added.json.error.details.fields[0].path).toBe(path)
    const id = await place.addRule(lowCtr)
    const changed = await place.send('PATCH', `rules/${id}`, fields)
    expect(changed.status).toBe(400)
  })

  test('[ALERT-6] a creator has at most MAX_ALERT_RULES, however many are added at once', async () => {
    const place = await newPlace()
    const room = 20 - (await place.rules()).length
    const replies = await Promise.all(
      Array.from({ length: room + 5 }, () => place.send('POST', 'rules', lowCtr)),
    )
    const statuses = replies.map(({ status }) => status).sort()
    expect(statuses.filter((status) => status === 201)).toHaveLength(room)
    expect(statuses.filter((status) => status === 409)).toHaveLength(5)
    expect(replies.find(({ status }) => status === 409)?.json.error.message).toContain('at most 20')
  })

  test('[ALERT-7] a changed condition ends what is on; a new name does not; a deleted rule keeps its history and can come back', async () => {
    const place = await newPlace()
    const id = await place.addRule(lowCtr)
    await place.goLow()
    const [first] = await place.untilEpisodes(1)
    await place.send('PATCH', `rules/${id}`, { name: 'Other', severity: 'info' })
    expect(await place.episodes()).toMatchObject([
      { id: first.id, ended_at: null, rule_name: 'Other' },
    ])
    await place.send('PATCH', `rules/${id}`, {
      condition: { ...lowCtr.condition, fires_at: 0.05 },
    })
    const both = await place.untilEpisodes(2)
    expect(both[1]).toMatchObject({ id: first.id, ended_why: { kind: 'over', what: 'rule' } })
    await place.send('DELETE', `rules/${id}`)
    expect(await place.episodes()).toMatchObject([
      { ended_why: { kind: 'over', what: 'rule' }, rule_name: 'Other' },
      { id: first.id },
    ])
    const told = await app.database.query<{ n: number }>(sql`
      select count(*)::int as n from alert_outbox where rule_id = ${id}::uuid`)
    expect(told).toEqual([{ n: 4 }])
    // Brought back it is the same rule, once.
    const back = await place.send('POST', `rules/${id}/restore`, {})
    expect(back.json.rule).toMatchObject({ id, name: 'Other', severity: 'info', enabled: true })
    expect((await place.rules()).filter((rule: { id: string }) => rule.id === id)).toHaveLength(1)
    expect((await place.send('POST', `rules/${id}/restore`, {})).status).toBe(404)
  })

  test('[ALERT-7][ACCESS-12] viewers see, operators acknowledge and silence, owners edit; each change is in the audit log', async () => {
    const creator = await app.newCreator()
    const place = placeOf(app, creator)
    const rule = await place.addRule(lowCtr)
    await place.goLow()
    const [{ id }] = await place.untilEpisodes(1)
    const asked = async (role: 'viewer' | 'operator' | 'owner') => {
      const roles = [{ creatorId: creator.id, role }]
      const { cookie } = await newUser(app.database, { roles })
      const all = [
        await place.send('GET', 'rules', undefined, { cookie }),
        await place.send('POST', `episodes/${id}/acknowledge`, {}, { cookie }),
        await place.send('POST', 'silences', { minutes: 5 }, { cookie }),
        await place.send('PATCH', `rules/${rule}`, { muted: true }, { cookie }),
      ]
      return all.map(({ status }) => status)
    }
    expect(await asked('viewer')).toEqual([200, 403, 403, 403])
    expect(await asked('operator')).toEqual([200, 200, 201, 403])
    expect(await asked('owner')).toEqual([200, 200, 201, 200])
    const { json } = await place.send('GET', 'noise')
    expect(json).toMatchObject({ days: 30, lives: 1, rules: expect.any(Array) })
    expect(json.rules[0]).toMatchObject({
      rule_id: rule,
      episodes: 1,
      episodes_per_live: 1,
      acknowledged_share: 1,
      median_seconds_to_acknowledge: expect.any(Number),
    })
    expect(json.rules[1]).toMatchObject({ episodes: 0, acknowledged_share: null })
    const actions = await app.database.query<{ action: string }>(sql`
      select action from audit_log where creator_id = ${creator.id} order by id`)
    expect(actions.map(({ action }) => action)).toEqual([
      'alert_rule.added',
      'alert.acknowledged',
      'alert.silenced',
      'alert.silenced',
      'alert_rule.changed',
    ])
  })
})
