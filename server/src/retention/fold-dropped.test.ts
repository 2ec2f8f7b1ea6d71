import { fold } from '@creatorflow/shared/fold'
import { emptyState, type LiveState } from '@creatorflow/shared/live-state'
import type { NumberedEvent } from '@creatorflow/shared/numbered-event'
import { createRandom } from '@creatorflow/shared/simulator/random'
import { describe, expect, test } from 'vitest'
import { withoutOrder } from '../../test/dropped-log.ts'
import { nextOf, numberedEvents } from '../../test/live-events.ts'
import { afterDropped, type LogBase, takePage } from '../eventlog/log-base.ts'
import { type Dropped, foldDropped } from './fold-dropped.ts'

/** Drops events older than each mark in turn, and reads the rest from the base on. */
function droppedAndKept(
  events: readonly NumberedEvent[],
  marks: readonly number[],
  page: number,
): { dropped: Dropped; state: LiveState } {
  const dropped: Dropped = { state: emptyState(), stockSeqs: {}, holesUntil: 0, lives: new Map() }
  let kept = events
  for (const mark of marks) {
    foldDropped(
      dropped,
      kept.filter(({ ts }) => ts < mark),
    )
    kept = kept.filter(({ ts }) => ts >= mark)
  }
  const first = kept[0]?.seq ?? dropped.holesUntil + 1
  const state = { ...structuredClone(dropped.state), seq: first - 1 }
  const lives = Object.fromEntries([...dropped.lives].map(([id, { seq }]) => [id, seq]))
  const base: LogBase = {
    state,
    newest: { lives, stock: dropped.stockSeqs },
    holesUntil: dropped.holesUntil,
    keptSince: marks.at(-1) ?? 0,
  }
  // The last page is the empty one past the end.
  for (let at = 0; at < kept.length + page; at += page) {
    const events = kept.slice(at, at + page).map((event) => afterDropped(event, base.newest))
    takePage(state, events, base)
  }
  return { dropped, state }
}

describe('what stays of dropped events', () => {
  test('[KEEP-2] any log, dropped at any marks, plus what is kept, equals the whole log', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = createRandom(`dropped ${seed}`)
      const of = { lives: 8, products: 30, pins: 20, minutes: 3_000 }
      const events = nextOf(numberedEvents(random, of), random.between(50, 800))
      const times = events.map(({ ts }) => ts).sort((a, b) => a - b)
      const marks = [random.pick(times), random.pick(times)].sort((a, b) => a - b)
      const whole = fold(emptyState(), events)
      const { state } = droppedAndKept(events, marks, random.between(1, 300))
      expect(state.seq, `seed ${seed}`).toBe(whole.seq)
      expect(state.days, `seed ${seed}`).toEqual(whole.days)
      expect(state.stock, `seed ${seed}`).toEqual(whole.stock)
      expect(Object.keys(state.lives).sort()).toEqual(Object.keys(whole.lives).sort())
      for (const [id, live] of Object.entries(whole.lives)) {
        const found = state.lives[id] ?? live
        expect(withoutOrder(found), `seed ${seed} ${id}`).toEqual(withoutOrder(live))
      }
    }
  })

  test('[TOTAL-3][KEEP-2] minutes include what was dropped before the LIVE turned out to continue', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = createRandom(`quiet ${seed}`)
      const of = { lives: 2, products: 3, pins: 2, minutes: 400 }
      const events = nextOf(numberedEvents(random, of), 200).map((event) => ({
        ...event,
        ...(event.type === 'live_ended' && { type: 'note' as const }),
      }))
      const marks = [random.pick(events).ts]
      const whole = fold(emptyState(), events)
      const { state } = droppedAndKept(events, marks, 50)
      for (const [id, { minutes }] of Object.entries(whole.lives)) {
        expect(state.lives[id]?.minutes, `seed ${seed} ${id}`).toEqual(minutes)
      }
    }
  })

  test('[KEEP-2] a number missing above the dropped ones is still a hole', () => {
    const events = nextOf(
      numberedEvents(createRandom('hole'), { lives: 3, products: 5, pins: 2, minutes: 100 }),
      100,
    )
    const dropped = { holesUntil: 40 }
    const after = events.filter(({ seq }) => seq > dropped.holesUntil + 1)
    const base = { holesUntil: dropped.holesUntil } as LogBase
    const state = { ...emptyState(), seq: dropped.holesUntil }
    expect(() => takePage(state, after, base)).toThrow('hole')
    expect(takePage(state, events.slice(40), base)).toBeUndefined()
  })
})
