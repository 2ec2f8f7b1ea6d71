import type { JobRunShown } from '@creatorflow/shared/features/jobs'
import { describe, expect, test } from 'vitest'
import { isTroubled, outcomeOf, tookOf } from './words.ts'

const run: JobRunShown = {
  creator_id: null,
  due: '2026-11-30T09:07:00.000Z',
  attempt: 1,
  started_at: '2026-11-30T09:07:01.000Z',
  ended_at: '2026-11-30T09:07:03.500Z',
  outcome: 'done',
  error: null,
  progress: null,
}
const job = {
  name: 'a',
  title: 'A',
  cron: '7 * * * *',
  per: 'installation',
  next_due: null,
} as const

describe('words of jobs', () => {
  test('[NODE-7] a run shows its result, attempts and progress', () => {
    expect(outcomeOf(run)).toBe('Done')
    expect(outcomeOf({ ...run, outcome: 'failed', attempt: 3 })).toBe('Failed (attempt 3)')
    const running = { ...run, ended_at: null, outcome: 'running' } as const
    expect(outcomeOf(running)).toBe('Running')
    expect(outcomeOf({ ...running, progress: { done: 1, total: 3 } })).toBe('Running, 33%')
    expect(outcomeOf({ ...running, progress: { done: 0, total: 0 } })).toBe('Running')
  })

  test('[NODE-7] a run shows how long it took', () => {
    expect(tookOf(run, 'en')).toBe('2.5 sec')
    expect(tookOf({ ...run, ended_at: '2026-11-30T09:09:01.000Z' }, 'en')).toBe('2 min')
    expect(tookOf({ ...run, ended_at: '2026-11-30T12:07:01.000Z' }, 'en')).toBe('3 hr')
    expect(tookOf({ ...run, ended_at: null }, 'en')).toBeNull()
  })

  test('[NODE-7] only the last run decides whether a job has a problem', () => {
    expect(isTroubled({ ...job, runs: [] })).toBe(false)
    expect(isTroubled({ ...job, runs: [run, { ...run, outcome: 'failed' }] })).toBe(false)
    expect(isTroubled({ ...job, runs: [{ ...run, outcome: 'lost' }, run] })).toBe(true)
  })
})
