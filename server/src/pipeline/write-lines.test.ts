import { expect, test } from 'vitest'
import type { AcceptedEvent } from '../eventlog/accepted-event.ts'
import { createWriteLines, type LaneName, type Waiting } from './write-lines.ts'

const share = (creatorId: string, count: number, lane: LaneName = 'live'): Waiting => ({
  creatorId,
  lane,
  events: Array.from({ length: count }, () => ({}) as AcceptedEvent),
  decided: 0,
})
const anybody = () => true

function linesOf(...shares: Waiting[]) {
  const lines = createWriteLines<Waiting>()
  for (const one of shares) lines.add(one)
  const taken = (most: number, isWanted: (id: string) => boolean = anybody) =>
    lines
      .take('live', isWanted, most)
      .map(({ share: { creatorId }, events }) => [creatorId, events])
  return { lines, taken }
}

test('[INGEST-8] taking continues after the decided events, in line order, and leaves them in line', () => {
  const first = share('a', 3)
  const { taken } = linesOf(first, share('b', 2), share('a', 1))
  const all = [
    ['a', 3],
    ['a', 1],
    ['b', 2],
  ]
  expect(taken(9)).toEqual(all)
  expect(taken(9)).toEqual(all)
  first.decided = 2
  expect(taken(3)).toEqual([
    ['a', 1],
    ['a', 1],
    ['b', 1],
  ])
  expect(taken(9, (id) => id === 'b')).toEqual([['b', 2]])
})

test('[INGEST-8] a served creator goes behind the others of its lane', () => {
  const { lines, taken } = linesOf(share('a', 1), share('b', 1), share('a', 1, 'history'))
  lines.toTheBack('live', 'a')
  lines.toTheBack('live', 'nobody')
  expect(taken(9).map(([id]) => id)).toEqual(['b', 'a'])
})

test('[INGEST-8] a creator is removed with its last waiting event in either lane', () => {
  const [live, more, history] = [share('a', 1), share('a', 1), share('a', 1, 'history')]
  const { lines } = linesOf(live, more, history)
  expect([lines.bothWait, lines.sharesOf('a')]).toEqual([true, [live, more, history]])
  expect([lines.remove(live), lines.remove(live)]).toEqual([false, false])
  expect([lines.remove(more), lines.bothWait]).toEqual([false, false])
  expect([lines.remove(history), lines.sharesOf('a')]).toEqual([true, []])
})
