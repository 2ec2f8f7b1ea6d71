import { describe, expect, test } from 'vitest'
import { aimText, budgets, reaches } from './budgets.ts'
import { parseOptions, scenarioNames, UsageError } from './options.ts'
import { selfTimes } from './profile.ts'
import { figureTable, shown } from './table.ts'

describe('the report', () => {
  test('[REPO-4] a figure shows whether it meets its target, or that it was not measured', () => {
    expect(reaches(budgets.ingest_ratio, 0.2)).toBe(true)
    expect(reaches(budgets.ingest_ratio, 0.19)).toBe(false)
    expect(reaches(budgets.latency_p99, 250)).toBe(true)
    expect(reaches(budgets.latency_p99, 251)).toBe(false)
    expect(aimText(budgets.delivery_ratio)).toBe('≤ 1.1 ×')
    const table = figureTable([
      {
        name: 'ingest',
        figures: [
          { budget: 'ingest_ratio', value: null },
          { label: 'rows by COPY', unit: '/s', value: 123_456 },
        ],
      },
      { name: 'bytes', figures: [{ budget: 'bytes_share', value: 4.44 }] },
    ])
    expect(table.split('\n').map((line) => line.split(/\s{2,}/))).toEqual([
      ['', 'figure', 'measured', 'aim'],
      ['ingest', budgets.ingest_ratio.label, '–', '≥ 0.2 ×', 'not measured'],
      ['', 'rows by COPY', '123,456 /s'],
      ['bytes', budgets.bytes_share.label, '4.44 %', '≤ 10 %', 'reached'],
    ])
  })

  test.each([
    [0.09312, '×', '0.093 ×'],
    [1.0852, '×', '1.09 ×'],
    [63.51, 'ms', '63.5 ms'],
    [15_733.4, '/s', '15,733 /s'],
    [0, '', '0'],
  ])('[REPO-4] %d is shown with at most three digits', (value, unit, text) => {
    expect(shown(value, unit)).toBe(text)
  })

  test('[REPO-4] the command line picks scenarios and sizes, and refuses unknown options', () => {
    expect(parseOptions([]).scenarios).toEqual(scenarioNames)
    const options = parseOptions(['join', 'ingest', '--scale', 'small', '--seconds', '7'])
    expect(options.scenarios).toEqual(['ingest', 'join'])
    expect(options.scale).toMatchObject({ screens: 200, seconds: 7 })
    for (const wrong of [
      ['speed'],
      ['--scale', 'huge'],
      ['--seconds', '0'],
      ['--seconds', '1e9'],
      ['--screens', '5001'],
      ['--fast'],
    ]) {
      expect(() => parseOptions(wrong), wrong.join(' ')).toThrow(UsageError)
    }
  })

  test('[REPO-4] a profile names the functions with the most self time', () => {
    const callFrame = (functionName: string) => ({
      functionName,
      url: 'file:///house/server/src/live/follow.ts',
      lineNumber: 9,
    })
    const times = selfTimes({
      nodes: [
        { id: 1, callFrame: callFrame('flush') },
        { id: 2, callFrame: callFrame('') },
      ],
      samples: [1, 2, 1],
      timeDeltas: [1_000, 4_000, 2_000],
    })
    expect(times).toEqual([
      { name: '(anonymous) live/follow.ts:10', ms: 4 },
      { name: 'flush live/follow.ts:10', ms: 3 },
    ])
  })
})
