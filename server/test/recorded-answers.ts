import { createHash } from 'node:crypto'
import { historyBuckets, historyDimensions } from '@creatorflow/shared/features/history'
import { metricIds } from '@creatorflow/shared/metrics'
import type { TestApp, TestCreator } from './harness.ts'

const ranges = {
  '1m': { from: '2026-03-12T18:20:00Z', to: '2026-03-12T18:40:00Z' },
  '15m': { from: '2026-03-12T12:00:00Z', to: '2026-03-13T00:00:00Z' },
  '1h': { from: '2026-03-12T00:00:00Z', to: '2026-03-14T00:00:00Z' },
  '1d': { from: '2026-03-01T00:00:00Z', to: '2026-04-30T00:00:00Z' },
  total: { from: '2026-03-12T18:27:00Z', to: '2026-04-29T00:01:00Z' },
} as const
const groupings = [undefined, ...historyDimensions]

/** One metric of each kind: sum, opening, people, first time, maximum, level, ratio, viewers, length, of days. */
const kinds = [
  'gmv',
  'likes',
  'viewers',
  'customers',
  'new_customers',
  'peak_viewers',
  'viewers_now',
  'c_o_rate',
  'average_viewers',
  'average_viewing_duration',
  'profit_margin',
]

/** Questions to the endpoints that existed before `server/src/query`, with their subject. */
export function recordedPaths(creator: TestCreator, sessionId: string): [string, string][] {
  const of = `/api/v1/creators/${creator.id}`
  const ask = (metric: string, bucket: keyof typeof ranges, more: object): [string, string] => [
    metric,
    `${of}/metrics/${metric}?${new URLSearchParams({ ...ranges[bucket], bucket, ...more })}`,
  ]
  return [
    ...metricIds.flatMap((metric, m) =>
      historyBuckets.flatMap((bucket, b) => {
        const isKind = kinds.includes(metric)
        if (!isKind && b !== m % historyBuckets.length) return []
        const asked = isKind ? groupings : [groupings[(m + b) % groupings.length]]
        return asked.flatMap((by, n) => [
          ask(metric, bucket, by ? { by } : {}),
          ...(isKind && by && b > 2 && (n + b) % 2 === 0
            ? [ask(metric, bucket, { by, limit: '2' })]
            : []),
        ])
      }),
    ),
    ['overview', `${of}/overview`],
    ['baseline', `${of}/lives/${sessionId}/baseline`],
  ]
}

/** Their answers, without the time of the answer and the metric's name. */
export async function recordedAnswers(
  app: TestApp,
  creator: TestCreator,
  sessionId: string,
): Promise<Map<string, string>> {
  const answers = new Map<string, string>()
  for (const [, path] of recordedPaths(creator, sessionId)) {
    const { status, json } = await app.get(path, creator)
    // The catalogue's wording may change; the numbers may not.
    const { at: _, name: __, definition: ___, ...rest } = json
    answers.set(path, `${status} ${JSON.stringify(rest)}`)
  }
  return answers
}

/** A fingerprint of the answers per subject. */
export function digestsOf(
  paths: readonly [string, string][],
  answers: ReadonlyMap<string, string>,
): Record<string, string> {
  const about = Map.groupBy(paths, ([what]) => what)
  return Object.fromEntries(
    [...about].map(([what, asked]) => {
      const text = asked.map(([, path]) => answers.get(path)).join('\n')
      return [what, createHash('sha256').update(text).digest('base64url').slice(0, 10)]
    }),
  )
}
