import type { Creator } from '@creatorflow/shared/creator'
import { emptyState } from '@creatorflow/shared/live-state'
import type { NumberedEvent } from '@creatorflow/shared/numbered-event'
import { numbered } from '@creatorflow/shared/test/numbered-events'
import { describe, expect, test } from 'vitest'
import { phaseAfter } from './follow-phase.ts'
import { createFollowedState } from './followed-state.ts'

const creator: Creator = {
  id: 'c',
  name: 'C',
  time_zone: 'UTC',
  currency: 'USD',
  locale: 'en',
  kind: 'real',
}
const origin = (generation = 1) => ({
  head: { creator_id: 'c', seq: 0, database_id: 'd', generation },
  creator,
  state: emptyState(),
  base: undefined,
})

describe('phases of a follower', () => {
  test('[SCREEN-2] only a read to the head shows a state, and a lost state starts over', () => {
    const shown = Object.entries(phaseAfter).flatMap(([phase, after]) =>
      Object.entries(after).flatMap(([event, next]) =>
        next === 'following' ? [`${phase} ${event}`] : [],
      ),
    )
    expect(shown).toEqual(['building at_head', 'following at_head'])
    for (const { begun, lost } of Object.values(phaseAfter)) {
      expect([begun, lost]).toEqual(['building', 'empty'])
    }
  })

  test('[SCREEN-2] a building or lost state has no changes to send, and an empty one takes no message', () => {
    const failures: unknown[] = []
    const followed = createFollowedState((error) => failures.push(error))
    const events = numbered([
      { type: 'comment', units: 1 },
      { type: 'comment', units: 2 },
    ])
    const message = (from: number, to: number, generation = 1) => ({
      ...{ epoch: followed.epoch.replace(/\.\d+\./, `.${generation}.`), from, to },
      events: events.slice(from - 1, to),
    })
    expect(followed.accept(message(1, 1))).toBe(false)
    expect(() => followed.reachHead()).toThrow('cannot be at_head')

    followed.begin(origin())
    followed.take(events.slice(0, 1))
    expect([followed.phase, followed.flush()]).toEqual(['building', undefined])
    followed.reachHead()
    expect([followed.phase, followed.flush()]).toEqual(['following', undefined])

    expect(followed.accept(message(2, 2, 2))).toBe(false)
    expect(followed.accept(message(2, 2))).toBe(true)
    expect(followed.accept(message(1, 2))).toBe(true)
    expect(followed.flush()).toMatchObject({ from: 2, to: 2 })
    expect(followed.position).toEqual({ seq: 2, lastId: events[1]?.id })

    const unknown = { ...events[1], seq: 3, type: 'of_a_later_release' } as unknown as NumberedEvent
    expect(() => followed.take([unknown])).toThrow('Update it')
    expect(failures).toHaveLength(1)
    expect([followed.phase, followed.problem?.code]).toEqual(['empty', 'update_needed'])
    expect([followed.flush(), followed.accept(message(2, 2))]).toEqual([undefined, false])

    followed.begin(origin(2))
    followed.take(events)
    expect(followed.problem?.code).toBe('update_needed')
    followed.reachHead()
    expect([followed.phase, followed.problem]).toEqual(['following', undefined])
  })
})
