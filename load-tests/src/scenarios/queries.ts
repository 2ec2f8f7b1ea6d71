import { setTimeout as delay } from 'node:timers/promises'
import { median } from '../figures.ts'
import { startLiveServer } from '../live-server.ts'
import type { BenchContext, Scenario, ScenarioResult } from '../scenario.ts'
import { createSender, emptyAccount } from '../sender.ts'
import type { Address, ServerProcess } from '../server-process.ts'
import { pastLives } from '../simulated.ts'

const creatorId = 'queries'
const DAYS = 28
const DAY_MS = 86_400_000
const TIMEOUT_MS = 10 * 60_000

/** What a seller's page asks about four weeks: totals, curves, tables and hours of the week. */
const page: readonly object[] = [
  { metrics: ['gmv', 'main_orders', 'aov', 'customers'], compare: 'previous_period' },
  { metrics: ['gmv', 'main_orders'], bucket: 'day' },
  { metrics: ['gmv', 'c_o_rate', 'items_sold'], by: ['product'], limit: 10 },
  { metrics: ['views', 'viewers'], bucket: 'day' },
  { metrics: ['gmv', 'main_orders'], by: ['channel'] },
  { metrics: ['views', 'ctr', 'main_order_c_o_rate'], by: ['traffic_source'] },
  { metrics: ['gmv', 'main_orders'], by: ['weekday', 'hour'] },
  { metrics: ['gmv', 'peak_viewers', 'live_seconds'], by: ['session'], limit: 20 },
  { metrics: ['average_viewers'], bucket: 'day' },
  {
    metrics: ['product_impressions', 'product_clicks', 'add_to_carts'],
    by: ['product'],
    limit: 10,
  },
  { metrics: ['comments', 'likes', 'shares', 'follows'], bucket: 'day' },
  { metrics: ['refunds', 'net_revenue'], bucket: 'week' },
]

/** The cost of a page of twelve questions, compared with its slowest one alone; on services and embedded. */
export const queries: Scenario = async (context) => {
  const embedded = await measured({
    ...context,
    services: { databaseUrl: undefined, redisUrl: undefined },
  })
  const { databaseUrl } = context.services
  const onServices = databaseUrl ? await measured(context) : undefined
  return {
    figures: [
      { budget: 'queries_ratio', value: (onServices ?? embedded).ratio },
      { label: 'the same, embedded', unit: '×', value: embedded.ratio },
      { budget: 'queries_page', value: embedded.pageMs },
      { label: 'slowest question', unit: 'ms', value: (onServices ?? embedded).slowestMs },
    ],
    method:
      `LIVEs on each of ${DAYS} days, refreshed. Twelve questions about all of them, asked together by one request, ` +
      'in turns with each of them alone; medians.',
    details: { embedded, ...(onServices && { services: onServices }) },
  } satisfies ScenarioResult
}

async function measured(context: BenchContext) {
  const { scale, say } = context
  await using running = await startLiveServer(context, 'queries')
  const { server } = running
  await server.createCreator(creatorId)
  const sender = createSender(server.address)
  const account = emptyAccount()
  for (const body of pastLives(creatorId, DAYS, scale.eventsPerCreatorAndRound)) {
    await sender.send(body, account)
  }
  sender.close()
  say(`${account.accepted} events of ${DAYS} LIVEs`)
  await refreshed(server)
  const to = new Date().toISOString()
  const range = { from: new Date(Date.now() - DAYS * DAY_MS).toISOString(), to }
  const questions = page.map((question) => ({ ...question, range }))
  const together: number[] = []
  const alone = questions.map((): number[] => [])
  for (let round = 0; round <= scale.rounds; round++) {
    const took = [
      await timeOf(server.address, 'queries', { questions }),
      ...(await inTurn(questions, (question) => timeOf(server.address, 'query', question))),
    ]
    // The first round warms up.
    if (round === 0) continue
    together.push(took[0] ?? 0)
    alone.forEach((times, n) => {
      times.push(took[n + 1] ?? 0)
    })
  }
  const medians = alone.map((times) => median(times) ?? 0)
  const [pageMs, slowestMs] = [median(together) ?? 0, Math.max(...medians)]
  say(`a page takes ${Math.round(pageMs)} ms, its slowest question ${Math.round(slowestMs)} ms`)
  return {
    backend: server.description,
    events: account.accepted,
    ratio: pageMs / slowestMs,
    pageMs,
    slowestMs,
    medians,
  }
}

/** Waits until the events sent so far are in the aggregates. */
async function refreshed(server: ServerProcess): Promise<void> {
  const runs = () => server.metric('creatorflow_history_refresh_seconds_count')
  // One may be going on.
  const wanted = (await runs()) + 2
  const startedAt = performance.now()
  while ((await runs()) < wanted) {
    if (performance.now() - startedAt > TIMEOUT_MS)
      throw new Error('the aggregates are not refreshed')
    await delay(1_000)
  }
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const item of items) results.push(await work(item))
  return results
}

/** The time of an answer, in ms; throws if there is none. */
async function timeOf({ url, key }: Address, path: string, body: object): Promise<number> {
  const startedAt = performance.now()
  const answer = await fetch(`${url}/api/v1/creators/${creatorId}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok || text.includes('"refused"'))
    throw new Error(`${answer.status} ${text.slice(0, 500)}`)
  return performance.now() - startedAt
}
