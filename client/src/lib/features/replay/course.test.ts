import { eventTypeNames } from '@creatorflow/shared/event-types'
import { fold } from '@creatorflow/shared/fold'
import { emptyState } from '@creatorflow/shared/live-state'
import type { NumberedEvent } from '@creatorflow/shared/numbered-event'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CoursePage, createCourse } from './course.ts'

const startedAt = Date.UTC(2026, 9, 20, 12)
const until = startedAt + 90 * 60_000

/** Events of one LIVE in order of time: some before its start, some after its end. */
const eventsOf = fc
  .array(
    fc.record({
      minutes: fc.integer({ min: -5, max: 120 }),
      type: fc.constantFrom(...eventTypeNames),
      units: fc.nat(9),
      money: fc.nat(5_000),
      level: fc.nat(300),
      product_id: fc.constantFrom('p', 'q'),
    }),
    { maxLength: 60 },
  )
  .map((drawn) =>
    drawn
      .sort((a, b) => a.minutes - b.minutes)
      .map(
        ({ minutes, ...event }, n): NumberedEvent => ({
          ...event,
          // As in a log whose order is another one.
          seq: drawn.length * 3 - n,
          ts: startedAt + minutes * 60_000,
          id: `e${n}`,
          day: '2026-10-20',
          session_id: 'live',
        }),
      ),
  )

function pagesOf(events: readonly NumberedEvent[], size: number) {
  let asked = 0
  return {
    get asked() {
      return asked
    },
    async load(cursor: string | null): Promise<CoursePage> {
      asked += 1
      const from = Number(cursor ?? 0)
      const next = from + size
      return {
        events: events.slice(from, next),
        cursor: next < events.length ? String(next) : null,
      }
    },
  }
}

/** The fold that a screen would have made, had the events come one after the other until then. */
function foldUntil(events: readonly NumberedEvent[], ts: number) {
  const seen = events.filter((event) => event.ts <= ts)
  return fold(
    emptyState(),
    seen.map((event, n) => ({
      ...event,
      seq: n + 1,
      opens_live: n === 0 ? 1 : 0,
      live_started_at: startedAt,
    })),
  )
}

describe('the course of a replay', () => {
  it('[PAST-8] after any moves back and forth it is the fold of the events until that moment', async () => {
    await fc.assert(
      fc.asyncProperty(
        eventsOf,
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: -6, max: 130 }), { minLength: 1, maxLength: 12 }),
        async (events, size, moves) => {
          const course = createCourse({ startedAt, until, load: pagesOf(events, size).load })
          for (const minutes of moves) {
            const ts = startedAt + minutes * 60_000
            expect(await course.moveTo(ts)).toBe(true)
            expect(course.state).toEqual(foldUntil(events, ts))
          }
          await course.moveTo(Number.POSITIVE_INFINITY)
          expect(course.state).toEqual(foldUntil(events, Number.POSITIVE_INFINITY))
        },
      ),
    )
  })

  it('[PAST-8] when moves overtake each other, the last one counts', async () => {
    await fc.assert(
      fc.asyncProperty(
        eventsOf,
        fc.array(fc.integer({ min: -6, max: 130 }), { minLength: 2, maxLength: 6 }),
        async (events, moves) => {
          const course = createCourse({ startedAt, until, load: pagesOf(events, 3).load })
          const times = moves.map((minutes) => startedAt + minutes * 60_000)
          const done = await Promise.all(times.map((ts) => course.moveTo(ts)))
          expect(done.at(-1)).toBe(true)
          expect(course.state).toEqual(foldUntil(events, times.at(-1) ?? 0))
        },
      ),
    )
  })

  it('[PAST-8] going back starts from a kept state, not from the beginning', async () => {
    const events = Array.from(
      { length: 900 },
      (_, n): NumberedEvent => ({
        seq: n + 1,
        ts: startedAt + n * 6_000,
        id: `e${n}`,
        day: '2026-10-20',
        session_id: 'live',
        type: 'comment',
        units: 1,
      }),
    )
    const pages = pagesOf(events, 10)
    const course = createCourse({ startedAt, until, load: pages.load })
    await course.moveTo(until)
    expect(pages.asked).toBe(90)
    await course.moveTo(until - 45 * 60_000)
    expect(pages.asked).toBeLessThan(100)
    expect(course.state).toEqual(foldUntil(events, until - 45 * 60_000))
  })
})
