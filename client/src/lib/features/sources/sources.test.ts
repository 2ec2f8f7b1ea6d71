import type { Source, SourceKind } from '@creatorflow/shared/features/sources'
import { sourceProblems, sourceStates } from '@creatorflow/shared/sources'
import { describe, expect, it } from 'vitest'
import { m } from '#messages'
import { outcomeOf } from './authorize.ts'
import { accountWords, entered, inOrderOf, lagWords, retryWords, viewOf } from './calculate.ts'

const now = Date.UTC(2026, 10, 20, 21, 30)
const ago = (ms: number) => new Date(now - ms).toISOString()

const source = (more: Partial<Source> = {}): Source => ({
  id: '00000000-0000-4000-8000-000000000000',
  creator_id: 'mira',
  kind: 'tiktok_live',
  account: 'mira',
  name: '@mira',
  enabled: true,
  settings: {},
  created_at: ago(86_400_000),
  webhook_path: null,
  held: true,
  state: 'receiving',
  since: ago(12 * 60_000),
  problem: null,
  problem_detail: null,
  problem_at: null,
  retry_at: null,
  messages: 12_000,
  messages_per_s: 14.25,
  events: 11_000,
  set_aside: 0,
  unknown: {},
  last_message_at: ago(100),
  last_event_at: ago(2_000),
  lag_ms: 800,
  checks: null,
  ...more,
})

const live: SourceKind = {
  kind: 'tiktok_live',
  name: 'TikTok LIVE',
  summary: 'A LIVE.',
  account_prefix: '@',
  fields: [],
  afterwards: '',
  problems: { rate_limited: { text: 'The sign server is busy.', todo: 'Wait.' } },
  authorize: null,
  connect: null,
  console: null,
  checkable: false,
  provides: 'orders',
  checked_every_s: null,
}

describe('a source on the page', () => {
  it('[SOURCE-3] shows its state and since when, rate, newest event and lag in words', () => {
    expect(viewOf(source(), live, now, 'en')).toEqual({
      tone: 'live',
      state: 'Receiving',
      text: sourceStates.receiving.text,
      since: expect.stringMatching(/^\d+:18/),
      problem: null,
      retry: null,
      facts: [
        { name: 'Messages per second', value: '14.3' },
        { name: 'Messages', value: '12,000' },
        { name: 'Events stored', value: '11,000' },
        { name: 'Newest event', value: 'now' },
        { name: 'Lag', value: 'under a second' },
      ],
    })
  })

  it('[SOURCE-3] a state that is days old shows its date', () => {
    expect(viewOf(source({ since: ago(9 * 86_400_000) }), live, now, 'en').since).toContain('2026')
  })

  it('[SOURCE-3] every problem says what is wrong, what to do and when it will retry', () => {
    for (const problem of Object.keys(sourceProblems) as (keyof typeof sourceProblems)[]) {
      const view = viewOf(
        source({
          state: 'retrying',
          problem,
          problem_detail: '429',
          problem_at: ago(120_000),
          retry_at: ago(-30_500),
        }),
        live,
        now,
        'en',
      )
      expect(view).toMatchObject({
        tone: 'warn',
        problem: {
          ...(problem === 'rate_limited' ? live.problems.rate_limited : sourceProblems[problem]),
          detail: '429',
          when: '2 minutes ago',
        },
        retry: 'Retries in 31 s',
      })
    }
    const strange = { problem: 'new_one', state: 'needs_you' as const }
    expect(viewOf(source(strange), live, now).problem?.text).toBe('new_one')
  })

  it('[SOURCE-6] a source that no process runs is a warning, and its old status is not repeated', () => {
    const view = viewOf(source({ held: false, retry_at: ago(-5) }), live, now)
    expect(view).toMatchObject({ tone: 'warn', state: 'Not running', retry: null })
    expect(view.problem?.todo).toContain('pipeline')
    expect(viewOf(source({ held: false, state: 'off', enabled: false }), live, now).tone).toBe(
      'off',
    )
    expect(
      viewOf(source({ held: false, state: 'starting', since: ago(500) }), live, now).tone,
    ).toBe('quiet')
  })

  it('[SOURCE-3] the nearer a time, the more exact it is', () => {
    expect([0, 89_000, 120_000, 7_200_000].map((ms) => retryWords(now + ms, now))).toEqual([
      'Retrying now',
      'Retries in 89 s',
      'Retries in 2 min',
      'Retries in 2 h',
    ])
    expect([1, 4_400, 150_000, 7_200_000, 3 * 86_400_000].map(lagWords)).toEqual([
      'under a second',
      '4 s',
      '3 min',
      '2 h',
      '3 days',
    ])
    expect(accountWords(source(), live)).toBe('TikTok LIVE')
    expect(accountWords(source({ name: 'Evening' }), live)).toBe('TikTok LIVE · @mira')
  })

  it('[SOURCE-3] an unknown kind is shown by its own name', () => {
    const strange = source({ kind: 'etsy', account: 'mira', name: 'My shop', held: false })
    expect(accountWords(strange, undefined)).toBe('etsy · mira')
    const view = viewOf(strange, undefined, now, 'en')
    expect(view).toMatchObject({ tone: 'warn', state: 'Not running' })
    expect(view.problem?.text).toContain('“etsy”')
    const off = source({ kind: 'etsy', state: 'off', enabled: false, held: false })
    expect(viewOf(off, undefined, now).tone).toBe('off')
    expect(inOrderOf([live], [strange, source()]).map(({ kind }) => kind)).toEqual([
      'tiktok_live',
      'etsy',
    ])
  })
})

describe('connecting a source', () => {
  it('[SOURCE-3] an added source is not called connected before it is', () => {
    const said = m.sources_added_name_afterwards({ name: 'Shop', afterwards: 'It connects soon.' })
    expect(said).toBe('Added Shop. It connects soon.')
  })

  it('[SOURCE-3] empty fields are not sent', () => {
    expect(entered({ a: ' x ', b: '', c: '  ' })).toEqual({ a: 'x' })
  })

  it('[SOURCE-5] the page shows the result of an authorization and ignores unknown results', () => {
    const outcome = (of: string) => outcomeOf(new URLSearchParams({ authorized: of }))
    expect(outcome('done')).toMatchObject({ isDone: true })
    expect(outcome('expired')).toMatchObject({
      isDone: false,
      text: expect.stringContaining('again'),
    })
    expect(outcome('toString')).toBeNull()
    expect(outcomeOf(new URLSearchParams())).toBeNull()
  })
})
