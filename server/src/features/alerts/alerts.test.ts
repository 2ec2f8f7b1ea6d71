import type { AlertsHeard } from '@creatorflow/shared/socket'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { ask, startApp, type TestApp, type TestCreator } from '../../../test/harness.ts'
import { answerOf, connect } from '../../../test/live-client.ts'

const env = { WATCH_INTERVAL_MS: '100', HOST: '0.0.0.0' }

/** A rule that looks at the CTR of a LIVE and waits for nothing. */
const lowCtr = {
  name: 'CTR is low',
  words: 'Show the product again.',
  severity: 'critical',
  condition: {
    kind: 'below',
    metric: 'ctr',
    subject: { of: 'live' },
    fires_at: 0.06,
    recovers_at: 0.1,
  },
  for_seconds: 0,
  keep_firing_seconds: 0,
  cooldown_seconds: 0,
  minimum_sample: 100,
}

describe.each(databases())('alerts on $name', (database) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ database, env })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  const path = (creator: TestCreator, rest: string) =>
    `/api/v1/creators/${creator.id}/alerts/${rest}`
  const send = (creator: TestCreator, method: string, rest: string, body?: object) =>
    ask(
      app.port,
      method,
      path(creator, rest),
      { ...app.owner, origin: app.url },
      body && JSON.stringify(body),
    )
  const addRule = async (creator: TestCreator, rule: object) => {
    const reply = await send(creator, 'POST', 'rules', rule)
    expect(reply.status, reply.text).toBe(201)
    return reply.json.rule.id as string
  }
  const episodes = async (creator: TestCreator, query = 'kind=alert') =>
    (await app.get(path(creator, `episodes?${query}`), creator)).json.episodes
  let made = 0
  const event = (type: string, fields: object = {}) => ({
    id: `e${++made}`,
    type,
    session_id: 'live-1',
    ...fields,
  })
  const views = (quantity: number) => event('viewer_joined', { quantity })
  const clicks = (quantity: number) => event('product_click', { product_id: 'p', quantity })

  async function screen(creator: TestCreator) {
    const client = await connect(app, creator.key)
    onTestFinished(() => client[Symbol.asyncDispose]())
    const heard: AlertsHeard[] = []
    client.socket.on('alerts', (message) => heard.push(message))
    answerOf(await client.watch({ creator_id: creator.id }))
    return heard
  }
  const newsOf = (heard: readonly AlertsHeard[]) => heard.flatMap(({ news }) => news)

  test('[ALERT-2] a rule fires once, says why in numbers, and ends with one recovery; screens hear both', async () => {
    const creator = await app.newCreator()
    const rule_id = await addRule(creator, lowCtr)
    const heard = await screen(creator)
    await app.post([event('live_started'), views(99), clicks(1)], creator)
    // Too few views say nothing.
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBeGreaterThan(0)
    await app.post([views(101)], creator)
    await expect.poll(async () => (await episodes(creator)).length, { timeout: 10_000 }).toBe(1)
    const [fired] = await episodes(creator)
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
      .poll(() => newsOf(heard))
      .toMatchObject([
        { id: `${fired.id}.fired`, transition: 'fired', name: 'CTR is low', severity: 'critical' },
      ])
    expect(heard.at(-1)?.open).toMatchObject([{ episode_id: fired.id, acknowledged_by: null }])
    // Whoever comes later holds what is on.
    const late = await screen(creator)
    await expect.poll(() => late).toMatchObject([{ news: [], open: [{ episode_id: fired.id }] }])

    const acknowledged = await send(creator, 'POST', `episodes/${fired.id}/acknowledge`, {})
    expect(acknowledged.json.episode.acknowledged_by).toEqual(expect.any(String))
    await expect
      .poll(() => late.at(-1)?.open[0]?.acknowledged_by)
      .toBe(acknowledged.json.episode.acknowledged_by)

    // Past the line that it fired at, and short of the one to recover at.
    await app.post([clicks(14)], creator)
    await app.post([clicks(10)], creator)
    await expect
      .poll(async () => (await episodes(creator))[0].ended_at, { timeout: 10_000 })
      .not.toBeNull()
    expect(await episodes(creator)).toMatchObject([
      { id: fired.id, peak: 0.005, ended_why: { value: 0.125, relation: '>', line: 0.1 } },
    ])
    await expect
      .poll(() => newsOf(heard).map(({ id }) => id))
      .toEqual([`${fired.id}.fired`, `${fired.id}.recovered`])
    await expect.poll(() => late.at(-1)?.open).toEqual([])
  })
})
