import { raw, type Sql, sql } from '@creatorflow/db/sql'
import { type DimensionId, dimensionIds } from '@creatorflow/shared/dimensions'
import { isLiveFact, type MeasureId, measureIds } from '@creatorflow/shared/live-facts'
import { derive, isOfViewerMinutes, metricOf } from '@creatorflow/shared/metrics'
import { type Answer, type QueryBucket, queryBuckets, queryLimits } from '@creatorflow/shared/query'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { editions } from '../../../scripts/test/backends.ts'
import { isLongRun } from '../../../scripts/test/long-run.ts'
import { ask, startApp, type TestApp, type TestCreator } from '../../test/harness.ts'
import { catalogueParts } from '../../test/sql-oracle.ts'
import { sendInHalves } from '../features/history/test/live-across-midnight.ts'
import { bucketsOf, dimensionsOf, holdsOpening } from './pairs.ts'

const timeZone = 'Asia/Kolkata'
/** Whole local weeks of one month, so that no bucket is widened past them. */
const month = { from: '2026-02-28T18:30:00Z', to: '2026-03-31T18:30:00Z' }
const night = { from: '2026-03-12T17:30:00Z', to: '2026-03-12T19:30:00Z' }
const rangeOf = (bucket: QueryBucket) =>
  ['minute', '15m', 'hour'].includes(bucket) ? night : month

/** Metrics that SQL over log rows cannot compute: viewer minutes and LIVEs. */
const isBeyondLog = (id: MeasureId) => isLiveFact(id) || isOfViewerMinutes(id)

describe.each(editions())('questions on $name', (edition) => {
  let app: TestApp
  let creator: TestCreator
  beforeAll(async () => {
    const env = { MAX_REQUESTS_PER_S_PER_CREATOR: '0', RESETTLE_DELAY_MS: '0' }
    app = await startApp({ database: edition, env })
    creator = await app.newCreator({ timeZone })
    await sendInHalves({ app, creator }, twoLives())
  }, 120_000)
  afterAll(() => app?.[Symbol.asyncDispose]())

  const post = (path: string, body: object) =>
    ask(
      app.port,
      'POST',
      `/api/v1/creators/${creator.id}/${path}`,
      { authorization: `Bearer ${creator.key}`, 'content-type': 'application/json' },
      JSON.stringify(body),
    )

  test('[PAST-1] every metric by every dimension and bucket equals the log, or is refused in words', {
    timeout: 240_000,
  }, async () => {
    let compared = 0
    for (const { by, bucket, metrics } of answered()) {
      const range = rangeOf(bucket)
      const { status, json } = await post('query', { metrics, by, bucket, range })
      expect(status, `${metrics} by ${by}, ${bucket}: ${json.error?.message}`).toBe(200)
      const expected = await expectedOf(json, by, bucket, range)
      for (const [id, parts] of Object.entries(expected)) {
        const found = nonZero(json, id as MeasureId)
        expect(Object.fromEntries(found), `${id} by ${by}, ${bucket}`).toEqual(
          Object.fromEntries(parts),
        )
        compared += parts.length
      }
    }
    expect(compared).toBeGreaterThan(100)
  })

  /** The log's values for each metric of an answer: by keys and start of the bucket, without zeros. */
  async function expectedOf(
    { metrics }: Answer,
    by: readonly DimensionId[],
    bucket: QueryBucket,
    { from, to }: { from: string; to: string },
  ): Promise<Record<string, [string, number][]>> {
    const parts = await catalogueParts(app.database, creator.id, {
      keys: [...by.map((dimension) => keySql[dimension]), bucketSql(bucket)],
      where: sql`ts >= ${from}::timestamptz and ts < ${to}::timestamptz`,
      opening: holdsOpening({ bucket, by: [...by], where: [] }),
    })
    return Object.fromEntries(
      metrics
        .filter(({ id }) => !isBeyondLog(id))
        .map(({ id }) => {
          const metric = metricOf(
            id as Exclude<MeasureId, 'lives'> & Parameters<typeof metricOf>[0],
          )
          const values = parts.flatMap(({ keys, totals }): [string, number][] => {
            const value =
              metric.merge === 'derived'
                ? derive(metric.derive, (base) => totals[base] ?? 0).value
                : (totals[id] ?? null)
            const isTold = metric.scopes.includes('day') || keys[0] !== null
            return value && isTold ? [[JSON.stringify(keys), value]] : []
          })
          return [id, values]
        }),
    )
  }

  test('[PAST-1] parts add up to the whole, whatever they are split by', async () => {
    const metrics = ['gmv', 'main_orders', 'views', 'product_clicks', 'likes', 'diamonds']
    const [total, ...split] = (
      await post('queries', {
        questions: [[], ...dimensionIds.map((one) => [one]), ['session', 'channel', 'day']].map(
          (by) => ({
            metrics: by.includes('product') ? ['gmv', 'product_clicks'] : metrics,
            by,
            bucket: by.includes('hour') ? 'total' : 'week',
            range: month,
          }),
        ),
      })
    ).json.answers as Answer[]
    for (const answer of split) {
      for (const { id } of answer.metrics) {
        if (id === 'likes' && answer.by.includes('hour')) continue
        expect(sumOf(answer, id), `${id} by ${answer.by}`).toBe(sumOf(total as Answer, id))
        expect(sumOf(answer, id)).toBeGreaterThan(0)
      }
    }
  })

  test('[PAST-4] questions asked together get the same answers as alone', async () => {
    const questions = [
      { metrics: ['gmv', 'aov', 'customers'], range: month },
      { metrics: ['gmv'], by: ['product'], limit: 3, range: month },
      { metrics: ['viewers', 'average_viewers'], bucket: 'day', range: month },
      { metrics: ['views', 'peak_viewers'], by: ['channel', 'traffic_source'], range: month },
      { metrics: ['gmv', 'live_seconds'], by: ['weekday', 'hour'], range: month },
      { metrics: ['c_o_rate'], bucket: 'hour', range: night },
      { metrics: ['lives', 'viewers', 'gmv'], by: ['session'], range: month },
      { metrics: ['views'], by: ['product'], range: month },
      {
        metrics: ['comments', 'viewers'],
        by: ['channel'],
        where: [{ dimension: 'hour', op: 'gte', values: [0] }],
        range: month,
        compare: 'previous_period',
      },
    ]
    const { json } = await post('queries', { questions })
    for (const [n, question] of questions.entries()) {
      const alone = await post('query', question)
      const { recounting: _, as_of, ...answer } = alone.json
      const { as_of: together, ...asked } = json.answers[n]
      if (alone.status === 400) expect(asked).toEqual({ refused: alone.json.error.message })
      else {
        expect(asked, `question ${n}`).toEqual(answer)
        expect(together.seq).toBe(as_of.seq)
      }
    }
  })
})

/** Every pair of dimension and bucket with its metrics: all of them in a long run, else some in turns. */
function answered() {
  const splits: DimensionId[][] = [
    [],
    ...dimensionIds.map((one) => [one]),
    ['channel', 'traffic_source', 'weekday'],
  ]
  return splits.flatMap((by, b) =>
    queryBuckets.flatMap((bucket, n) => {
      const known = measureIds.filter(
        (id) =>
          bucketsOf(id).includes(bucket) &&
          by.every((one) => dimensionsOf(id).includes(one)) &&
          (by.length === 1 || !isAlone(id)),
      )
      const count = Math.ceil(known.length / queryLimits.metrics)
      const asked = Array.from({ length: count }, (_, at) => ({
        by,
        bucket,
        metrics: known.slice(at * queryLimits.metrics, (at + 1) * queryLimits.metrics),
      }))
      return isLongRun() ? asked : asked.slice((b + n) % count, ((b + n) % count) + 1)
    }),
  )
}

const isAlone = (id: MeasureId) => dimensionsOf(id).join() === 'session'

function nonZero({ rows, buckets, bucket }: Answer, id: MeasureId): [string, number][] {
  return rows.flatMap(({ keys, values }) =>
    (values[id] ?? []).flatMap((value, n): [string, number][] => {
      const at = bucket === 'total' ? 'total' : Date.parse(buckets[n]?.at ?? '') / 1000
      return value ? [[JSON.stringify([...keys, at]), value]] : []
    }),
  )
}

const sumOf = ({ rows }: Answer, id: MeasureId) =>
  rows.flatMap(({ values }) => values[id] ?? []).reduce<number>((all, one) => all + (one ?? 0), 0)

const local = `(ts at time zone '${timeZone}')`
const keySql: Readonly<Record<DimensionId, Sql>> = {
  session: raw('session_id'),
  product: raw('product_id'),
  channel: raw('channel'),
  traffic_source: raw('traffic_source'),
  day: raw(`to_char(${local}, 'YYYY-MM-DD')`),
  weekday: raw(`extract(isodow from ${local})::int`),
  hour: raw(`extract(hour from ${local})::int`),
}

function bucketSql(bucket: QueryBucket): Sql {
  if (bucket === 'total') return raw("'total'")
  const start =
    bucket === '15m'
      ? `date_bin('15 minutes', ${local}, timestamp '2026-01-01')`
      : `date_trunc('${bucket}', ${local})`
  return raw(`extract(epoch from ${start} at time zone '${timeZone}')::bigint`)
}

/** Two LIVEs of one month, of all channels and traffic sources, one from before to after midnight. */
function twoLives(): object[] {
  return [Date.UTC(2026, 2, 12, 18, 26), Date.UTC(2026, 2, 20, 9)].flatMap((startAt, n) =>
    simulateLive({
      seed: `questions/${n}`,
      sessionId: `live-${n}`,
      startAt,
      durationMs: 6 * 60_000,
      rate: 0.25,
      currency: 'USD',
      timeZone,
    })
      .events.filter(({ ts }) => ts < Date.parse(month.to))
      .map((event, i) => ({
        ...event,
        ...(i % 3 > 0 && { channel: i % 3 === 1 ? 'tiktok' : 'shopify' }),
        ...(i % 4 > 0 && { traffic_source: ['feed', 'search', 'ads'][i % 4] ?? 'ads' }),
      })),
  )
}
