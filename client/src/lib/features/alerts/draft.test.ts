import { contradictionsOf } from '@creatorflow/shared/alerts/contradictions'
import { defaultAlerts } from '@creatorflow/shared/alerts/defaults'
import { newRule } from '@creatorflow/shared/alerts/rule'
import { metricIds, metricOf } from '@creatorflow/shared/metrics'
import { describe, expect, it } from 'vitest'
import {
  comparisonsFor,
  type Draft,
  draftOf,
  firstDraft,
  ruleMetrics,
  subjectsFor,
} from './draft.ts'
import { problemsOf } from './problems.ts'
import { bodyOf } from './saved.ts'
import { suggestedDraft } from './suggested.ts'

const usd = { currency: 'USD' }
const shown = (body: object) => ({
  ...newRule.parse(body),
  id: '00000000-0000-4000-8000-000000000000',
  origin: null,
  changed_at: '2026-11-30T00:00:00Z',
})
const rule = (condition: object, more: object = {}) =>
  shown({ name: 'A rule', condition, for_seconds: 90, ...more })
const live = { of: 'live' }

describe('the form of a rule', () => {
  it.each([
    ...defaultAlerts.map(({ origin, rule }) => [origin, rule] as const),
    [
      'a band',
      {
        name: 'b',
        condition: {
          kind: 'outside',
          metric: 'gmv',
          subject: live,
          low: 1_250,
          high: 9_900,
          margin: 100,
        },
      },
    ],
    [
      'a rate of a product',
      {
        name: 'p',
        condition: {
          kind: 'below',
          metric: 'c_o_rate',
          subject: { of: 'product', product_id: 'p-1' },
          fires_at: 0.041,
          recovers_at: 0.06,
        },
      },
    ],
    [
      'the last minutes',
      {
        name: 'm',
        condition: {
          kind: 'below',
          metric: 'gmv',
          subject: live,
          over_minutes: 5,
          fires_at: 10_000,
        },
      },
    ],
    [
      'worse than usual',
      {
        name: 'u',
        condition: { kind: 'unusual', metric: 'gmv', deviations: 2.5, recovers_deviations: 1 },
      },
    ],
    [
      'quiet hours',
      {
        name: 'q',
        condition: { kind: 'off_pace', percent: 20 },
        quiet_hours: { from: '22:30', to: '07:00' },
        targets: ['phone'],
        only_live: false,
      },
    ],
  ] as const)('[PAGE-18] saved unchanged, %s is the same rule', (_, given) => {
    const before = shown(given)
    const draft = draftOf(before, usd)
    expect(problemsOf(draft)).toEqual({})
    const { id: _id, origin: _o, changed_at: _c, enabled, muted, ...fields } = before
    expect(newRule.parse({ ...bodyOf(draft, usd), enabled, muted })).toEqual({
      ...fields,
      enabled,
      muted,
    })
  })

  it('[PAGE-18] numbers are entered as people say them', () => {
    const ctr = draftOf(rule({ kind: 'below', metric: 'ctr', subject: live, fires_at: 0.07 }), usd)
    expect(ctr).toMatchObject({ line: 7, back: null, forMinutes: 1.5 })
    const gmv = draftOf(
      rule({ kind: 'above', metric: 'gmv', subject: live, fires_at: 12_345 }),
      usd,
    )
    expect(gmv.line).toBe(123.45)
    expect(
      draftOf(rule({ kind: 'above', metric: 'gmv', subject: live, fires_at: 500 }), {
        currency: 'JPY',
      }).line,
    ).toBe(500)
  })

  it('[PAGE-18] it offers nothing that the server would refuse', () => {
    expect(ruleMetrics.length).toBeGreaterThan(20)
    const lines = { line: 5, upper: 9, over: null } as const
    for (const what of ruleMetrics) {
      for (const subject of subjectsFor(what)) {
        const offered = comparisonsFor(what, subject)
        expect(offered.length, `${what} of ${subject}`).toBeGreaterThan(0)
        for (const comparison of offered) {
          const over = comparison === 'falls' || comparison === 'rises' ? 5 : null
          const draft: Draft = { ...firstDraft, ...lines, what, subject, comparison, over }
          expect(problemsOf(draft)).toEqual({})
          expect(newRule.safeParse(bodyOf(draft, usd)).error?.issues, JSON.stringify(draft)).toBe(
            undefined,
          )
        }
      }
    }
  })

  it.each([
    [{ line: null }, 'line', /number/],
    [{ comparison: 'below', line: 6, back: 5 }, 'back', /at or above/],
    [{ comparison: 'above', line: 6, back: 7 }, 'back', /at or below/],
    [{ comparison: 'outside', line: 6, upper: 6 }, 'upper', /above the lower end/],
    [{ comparison: 'outside', line: 2, upper: 6, back: 2 }, 'back', /nothing of the range/],
    [{ comparison: 'falls', line: 140, over: 5 }, 'line', /up to 100/],
    [{ comparison: 'rises', line: 40, over: 2.5 }, 'over', /whole minutes/],
    [{ what: 'runs_out', line: 90 }, 'line', /whole minutes/],
    [{ forMinutes: 800 }, 'forMinutes', /no LIVE is longer/],
    [{ sample: 1.5 }, 'sample', /whole number/],
    [{ quiet: true, quietFrom: '08:00', quietTo: '08:00' }, 'quietTo', /another time/],
    [{ name: 'x'.repeat(81) }, 'name', /80/],
  ] as const)('[PAGE-18] %o is put right at its field, in words', (change, field, words) => {
    const problems = problemsOf({ ...firstDraft, ...(change as Partial<Draft>) })
    expect(Object.keys(problems)).toEqual([field])
    expect(problems[field]).toMatch(words)
  })

  it('[PAGE-18] a rule made from any tile can be saved, and does not fire at once', () => {
    for (const metric of metricIds) {
      for (const value of [null, 0, 0.031, 12_345]) {
        const draft = suggestedDraft(metric, value, usd)
        const problems = problemsOf(draft)
        if (value) expect(problems, metric).toEqual({})
        const body = bodyOf({ ...draft, line: draft.line ?? 1 }, usd)
        expect(contradictionsOf(newRule.parse(body).condition)).toEqual([])
        const { condition } = newRule.parse(body)
        if (value && condition.kind === 'below' && condition.metric === metric) {
          expect(condition.fires_at, metric).toBeLessThan(value)
        }
      }
    }
    expect(metricOf('ctr').unit).toBe('ratio')
    expect(suggestedDraft('ctr', 0.1, usd)).toMatchObject({ comparison: 'below', line: 7 })
  })
})
