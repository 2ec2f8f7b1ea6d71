import { expect, test } from 'vitest'
import type { AcceptedEvent } from '../eventlog/accepted-event.ts'
import type { Outcome } from './settle.ts'
import { type Batch, createWriteQueue } from './write-queue.ts'

const accepted: Outcome = { kind: 'accepted' }
const eventsOf = (creator_id: string, count: number, name = creator_id): AcceptedEvent[] =>
  Array.from({ length: count }, (_, n) => ({
    creator_id,
    incoming: { id: `${name}${n}`, type: 'like' },
    id_hash: '',
    revision_hash: '',
    content_hash: '',
    received_at: 0,
  }))
const idsOf = (batch: Batch | undefined) => batch?.events.map(({ incoming }) => incoming.id)

function filled() {
  const queue = createWriteQueue()
  const answers: unknown[] = []
  return {
    queue,
    answers,
    add(events: readonly AcceptedEvent[], now = 0, lane: 'live' | 'history' = 'live') {
      const answer = queue.add(events, lane, now)
      answer.then(
        (outcomes) => answers.push(outcomes),
        (error: Error) => answers.push(error.message),
      )
      return answer
    },
    /** Takes a batch and settles it: `busy` creators stay undecided. */
    write(of: 'free' | 'busy', room: number, busy: readonly string[] = [], now = 0) {
      const batch = queue.next(of, room) as Batch
      const outcomes = batch.events.map((event) =>
        busy.includes(event.creator_id) ? undefined : accepted,
      )
      queue.settle(batch, outcomes, now)
      return idsOf(batch)
    },
  }
}

test('[P7][INGEST-8] creators take turns, so a heavy sender delays nobody', () => {
  const { add, write } = filled()
  add(eventsOf('big', 9))
  add(eventsOf('small', 1))
  expect(write('free', 4)).toEqual(['big0', 'big1', 'big2', 'big3'])
  expect(write('free', 4)).toEqual(['small0', 'big4', 'big5', 'big6'])
  expect(write('free', 4)).toEqual(['big7', 'big8'])
})

test("[INGEST-8] a busy creator's events wait in order, apart from others", async () => {
  const { queue, add, write, answers } = filled()
  const mixed = add([...eventsOf('a', 2), ...eventsOf('b', 1)])
  expect(write('free', 9, ['a'])).toEqual(['a0', 'a1', 'b0'])
  const later = add(eventsOf('a', 2, 'later'))
  expect([queue.queued, queue.held, queue.isBusy('a')]).toEqual([4, 4, true])
  expect(queue.next('free', 9)).toBeUndefined()
  // Only a part of what waits fits: the rest is no longer busy once that part was written.
  expect(write('busy', 3)).toEqual(['a0', 'a1', 'later0'])
  expect(queue.isBusy('a')).toBe(false)
  expect(write('free', 9)).toEqual(['later1'])
  await Promise.all([mixed, later])
  expect(answers).toEqual([
    [accepted, accepted, accepted],
    [accepted, accepted],
  ])
  expect([queue.queued, queue.busyCreators]).toEqual([0, 0])
})

test('[INGEST-8] a request that waited too long is refused with all that is left of it', async () => {
  const { queue, add, write, answers } = filled()
  const first = add([...eventsOf('a', 1), ...eventsOf('b', 3)], 0)
  write('free', 2, ['a'], 10)
  add(eventsOf('a', 1, 'late'), 20)
  queue.giveUp(9, () => new Error('too long'))
  expect(queue.queued).toBe(4)
  queue.giveUp(10, () => new Error('too long'))
  await expect(first).rejects.toThrow('too long')
  // What was not written of b goes with it; the later request of a stays.
  expect(queue.next('free', 9)).toBeUndefined()
  expect([queue.queued, queue.held]).toEqual([1, 1])
  expect(write('busy', 9)).toEqual(['late0'])
  await expect.poll(() => answers).toEqual(['too long', [accepted]])
})

test('[INGEST-6] one batch in four is history while both lanes wait', () => {
  const { add, write } = filled()
  add(eventsOf('a', 6, 'live'))
  add(eventsOf('a', 2, 'history'), 0, 'history')
  const order = Array.from({ length: 8 }, () => write('free', 1)?.[0]?.replace(/\d/, ''))
  expect(order).toEqual(['live', 'live', 'live', 'history', 'live', 'live', 'live', 'history'])
})
