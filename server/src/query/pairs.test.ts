import { dimensionIds, dimensions } from '@creatorflow/shared/dimensions'
import { measureIds, measureOf } from '@creatorflow/shared/live-facts'
import { type Question, queryBuckets, question } from '@creatorflow/shared/query'
import { describe, expect, test } from 'vitest'
import { queryMeta } from './meta.ts'
import { refusalOf } from './pairs.ts'

const range = { from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z' }
const asked = (more: object): Question => question.parse({ metrics: ['gmv'], range, ...more })

describe('what can be asked', () => {
  test('[PAST-4] every metric, dimension and bucket combines as listed, or is refused by name', () => {
    for (const { id, name, by, buckets } of queryMeta().metrics) {
      for (const dimension of [undefined, ...dimensionIds]) {
        for (const bucket of queryBuckets) {
          const of = { metrics: [id], by: dimension ? [dimension] : [], bucket }
          const reason = refusalOf(asked(of))
          const isAlone = by.join() === 'session'
          const isKnown = dimension ? by.includes(dimension) : !isAlone
          const works = isKnown && buckets.includes(bucket)
          expect(reason === undefined, `${id} by ${dimension}, ${bucket}: ${reason}`).toBe(works)
          if (reason !== undefined) expect(reason).toContain(name)
          if (reason !== undefined && dimension && !isAlone && buckets.length > 0 && !isKnown) {
            expect(reason).toContain(dimensions[dimension].label)
          }
        }
      }
    }
  })

  test.each([
    [
      { metrics: ['average_viewers'], by: ['product'] },
      'Average viewers cannot be split by product; it can be split by LIVE, channel, traffic source, day, weekday and hour of the day.',
    ],
    [
      { metrics: ['lives'], by: ['channel'] },
      'LIVEs cannot be split by channel; it can be split by LIVE',
    ],
    [{ metrics: ['viewers_now'] }, 'ask for average_viewers or peak_viewers'],
    [
      { metrics: ['total_users'] },
      'Total users is a number of one LIVE: ask for it by session alone',
    ],
    [
      { metrics: ['profit_margin'], bucket: 'hour' },
      'Profit margin is not told by hour; it can be told by day, week, month and total.',
    ],
    [{ metrics: ['daily_revenue'], by: ['session'] }, 'Daily revenue cannot be split by LIVE'],
    [
      { metrics: ['views'], where: [{ dimension: 'product', op: 'in', values: ['p'] }] },
      'Views cannot be filtered by product',
    ],
    [{ by: ['product', 'product'] }, 'may be in `by` once'],
    [{ metrics: ['gmv', 'gmv'] }, 'may be in `metrics` once'],
    [{ limit: 3 }, '`limit` is of rows'],
    [
      { by: ['product'], order: { by: 'views' } },
      '`order` is by one of `metrics` or `by`: gmv and product.',
    ],
    [{ metrics: ['viewers'], by: ['channel'], bucket: 'day', limit: 3 }, 'distinct people'],
    [{ where: [{ dimension: 'channel', op: 'gte', values: ['a'] }] }, 'cannot be `gte`'],
    [{ where: [{ dimension: 'channel', op: 'in' }] }, 'needs values'],
    [{ where: [{ dimension: 'channel', op: 'set', values: ['a'] }] }, '`set` takes no values'],
    [{ where: [{ dimension: 'hour', op: 'in', values: ['8'] }] }, 'compares with numbers'],
    [{ where: [{ dimension: 'day', op: 'gte', values: ['yesterday'] }] }, 'dates such as'],
    [
      { where: [{ dimension: 'day', op: 'lt', values: ['2026-03-01', '2026-03-02'] }] },
      'one value',
    ],
  ])('[PAST-4] %o is refused: %s', (more, words) => {
    expect(refusalOf(asked(more))).toContain(words)
  })

  test('[PAST-4] the list has every metric with its name', () => {
    const told = queryMeta().metrics.map(({ id, name }) => [id, name])
    expect(told).toEqual(measureIds.map((id) => [id, measureOf(id).name]))
  })
})
