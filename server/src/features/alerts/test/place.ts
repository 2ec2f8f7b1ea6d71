import { sql } from '@creatorflow/db/sql'
import type { AlertsHeard } from '@creatorflow/shared/socket'
import { expect, onTestFinished } from 'vitest'
import { ask, type Reply, type TestApp, type TestCreator } from '../../../../test/harness.ts'
import { answerOf, connect } from '../../../../test/live-client.ts'

/** A rule that looks at the CTR of a LIVE and waits for nothing. */
export const lowCtr = {
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

/** One creator of an app: its rules, its events, and what is told. */
export function placeOf(app: TestApp, creator: TestCreator) {
  const path = (rest: string) => `/api/v1/creators/${creator.id}/alerts/${rest}`
  let made = 0

  const place = {
    send(
      method: string,
      rest: string,
      body?: object,
      headers: Readonly<Record<string, string>> = app.owner,
    ): Promise<Reply> {
      const sent = { ...headers, origin: app.url, 'content-type': 'application/json' }
      return ask(app.port, method, path(rest), sent, body && JSON.stringify(body))
    },
    async addRule(rule: object): Promise<string> {
      const reply = await place.send('POST', 'rules', rule)
      expect(reply.status, reply.text).toBe(201)
      return reply.json.rule.id
    },
    async rules() {
      return (await app.get(path('rules'), creator)).json.rules
    },
    async episodes(query = 'kind=alert') {
      return (await app.get(path(`episodes?${query}`), creator)).json.episodes
    },
    event: (type: string, fields: object = {}) => ({
      id: `e${++made}`,
      type,
      session_id: 'live-1',
      ...fields,
    }),
    views: (quantity: number) => place.event('viewer_joined', { quantity }),
    clicks: (quantity: number) => place.event('product_click', { product_id: 'p', quantity }),
    post: (events: readonly object[]) => app.post(events, creator),
    /** A LIVE with a CTR of 0.5%. */
    goLow: () =>
      app.post([place.event('live_started'), place.views(200), place.clicks(1)], creator),
    /** How many states the engine has stored. */
    async states() {
      const rows = await app.database.query(
        sql`select 1 from alert_states where creator_id = ${creator.id}`,
      )
      return rows.length
    },
    /** Until so many episodes are there. */
    async untilEpisodes(count: number, query?: string) {
      await expect
        .poll(async () => (await place.episodes(query)).length, { timeout: 15_000 })
        .toBe(count)
      return place.episodes(query)
    },
    async screen() {
      const client = await connect(app, creator.key)
      onTestFinished(() => client[Symbol.asyncDispose]())
      const heard: AlertsHeard[] = []
      client.socket.on('alerts', (message) => heard.push(message))
      answerOf(await client.watch({ creator_id: creator.id }))
      return heard
    },
  }
  return place
}

export const newsOf = (heard: readonly AlertsHeard[]) => heard.flatMap(({ news }) => news)
