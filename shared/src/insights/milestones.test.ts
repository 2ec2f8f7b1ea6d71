import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Memory, type Milestone, type Reading, roundsUpTo, watch } from './milestones.ts'

const MINUTE = 60_000
const reading = (more: Partial<Reading> = {}): Reading => ({
  sessionId: 'one',
  at: 0,
  watched: true,
  orders: 0,
  viewers: null,
  minutes: new Map(),
  past: { viewers: null, minuteGmv: null },
  ...more,
})
const nameOf = (milestone: Milestone): string => {
  switch (milestone.kind) {
    case 'orders':
      return `order ${milestone.orders}`
    case 'viewers':
      return 'viewers'
    case 'goal':
      return `goal ${milestone.id}`
    case 'minute':
      return `minute ${milestone.minute}`
  }
}
/** What is announced, reading by reading. */
function told(readings: readonly Reading[]): string[][] {
  let memory: Memory | null = null
  return readings.map((one) => {
    const next = watch(memory, one)
    memory = next.memory
    return next.reached.map(nameOf)
  })
}
const minutes = (...gmv: number[]) => new Map(gmv.map((value, at) => [at * MINUTE, value]))

describe('milestones', () => {
  it('[PAGE-14] first order, then round numbers; of several at once the greatest', () => {
    expect(told([0, 1, 9, 10, 49, 120, 121].map((orders) => reading({ orders })))).toEqual([
      [],
      ['order 1'],
      [],
      ['order 10'],
      [],
      ['order 100'],
      [],
    ])
    expect(roundsUpTo(1_234)).toEqual([10, 50, 100, 500, 1_000])
  })

  it('[PAGE-14] no milestone for what was reached on arrival, in another LIVE, or during a gap', () => {
    const gap = { watched: false }
    expect(
      told([
        reading({ orders: 60 }),
        reading({ orders: 60, ...gap }),
        reading({ orders: 500, ...gap }),
        reading({ orders: 1_000 }),
        reading({ sessionId: 'two', orders: 12 }),
        reading({ sessionId: 'two', orders: 50 }),
      ]),
    ).toEqual([[], [], [], [], [], ['order 50']])
  })

  it('[PAGE-14] a goal is announced once, even if its sum falls and rises again', () => {
    const goal = (reached: boolean) => reading({ goal: { id: 'gmv', name: 'GMV', reached } })
    expect(told([goal(false), goal(true), goal(false), goal(true)])).toEqual([
      [],
      ['goal gmv'],
      [],
      [],
    ])
  })

  it('[PAGE-14] a record minute beats every minute of this LIVE and of past ones, when it is over', () => {
    const before = [1, 2, 3, 4, 5]
    const at = (...gmv: number[]) => reading({ minutes: minutes(...gmv) })
    expect(told([at(...before), at(...before, 5), at(...before, 5, 6)])).toEqual([
      [],
      [],
      [`minute ${6 * MINUTE}`],
    ])
    expect(told([at(1, 2), at(1, 2, 9)])).toEqual([[], []])
    const past = { viewers: null, minuteGmv: 7 }
    const withPast = (...gmv: number[]) => ({ ...at(...gmv), past })
    expect(told([withPast(...before), withPast(...before, 7)])).toEqual([[], []])
    expect(told([withPast(...before), withPast(...before, 8)])[1]).toHaveLength(1)
  })

  it('[PAGE-14] most viewers ever is announced once, and only if the past is known', () => {
    const at = (viewers: number, past: number | null) =>
      reading({ viewers, past: { viewers: past, minuteGmv: null } })
    expect(told([at(5, 10), at(10, 10), at(11, 10), at(9, 10), at(12, 10)]).flat()).toEqual([
      'viewers',
    ])
    expect(told([at(5, null), at(500, null)]).flat()).toEqual([])
  })

  it('[PAGE-14] no milestone twice, whatever the numbers do', () => {
    const one = fc.record({
      orders: fc.nat(2_000),
      viewers: fc.option(fc.nat(100)),
      watched: fc.boolean(),
      reached: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(one, { maxLength: 40 }), (list) => {
        const all = told(
          list.map(({ reached, ...rest }) =>
            reading({
              ...rest,
              goal: { id: 'g', name: 'g', reached },
              past: { viewers: 50, minuteGmv: null },
            }),
          ),
        )
        expect(new Set(all.flat()).size).toBe(all.flat().length)
        expect(all[0] ?? []).toEqual([])
      }),
    )
  })
})
