import { type HistoryBucket, historyBuckets } from '@creatorflow/shared/features/history'
import { metricIds } from '@creatorflow/shared/metrics'
import { expect, test } from 'vitest'
import { editions } from '../../../../scripts/test/backends.ts'
import { startApp } from '../../../test/harness.ts'
import { groupings } from '../../../test/history-questions.ts'
import { liveAcrossMidnight, sendInHalves } from './test/live-across-midnight.ts'

const ranges: Readonly<Record<HistoryBucket, { from: string; to: string }>> = {
  '1m': { from: '2026-03-12T18:20:00Z', to: '2026-03-12T18:40:00Z' },
  '15m': { from: '2026-03-12T12:00:00Z', to: '2026-03-13T00:00:00Z' },
  '1h': { from: '2026-03-12T00:00:00Z', to: '2026-03-14T00:00:00Z' },
  '1d': { from: '2026-03-01T00:00:00Z', to: '2026-04-30T00:00:00Z' },
  total: { from: '2026-03-12T18:27:00Z', to: '2026-04-29T00:01:00Z' },
}

test.skipIf(editions().length < 2)(
  '[STORE-1] every edition gives the same answers to every question',
  { timeout: 300_000 },
  async () => {
    const [first, ...others] = await Promise.all(editions().map(answersOf))
    expect(first?.size).toBeGreaterThan(metricIds.length)
    for (const answers of others) {
      for (const [question, answer] of answers) {
        expect(answer, question).toEqual(first?.get(question))
      }
    }
  },
)

async function answersOf(edition: ReturnType<typeof editions>[number]) {
  const env = { MAX_REQUESTS_PER_S_PER_CREATOR: '0', RESETTLE_DELAY_MS: '0' }
  await using app = await startApp({ database: edition, env })
  const creator = await app.newCreator({ timeZone: 'Asia/Kolkata' })
  await sendInHalves({ app, creator }, liveAcrossMidnight('friday'))
  const answers = new Map<string, unknown>()
  for (const { metric, bucket, by } of questions()) {
    const query = new URLSearchParams({ ...ranges[bucket], bucket, ...(by && { by }) })
    const path = `/api/v1/creators/${creator.id}/metrics/${metric}?${query}`
    const { status, json } = await app.get(path, creator)
    expect([200, 400]).toContain(status)
    answers.set(`${metric} ${bucket} ${by}`, { ...json, at: '' })
  }
  return answers
}

function questions() {
  return metricIds.flatMap((metric, m) =>
    historyBuckets.flatMap((bucket, b) => groupings(m + b).map((by) => ({ metric, bucket, by }))),
  )
}
