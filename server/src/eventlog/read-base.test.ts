import { emptyLive } from '@creatorflow/shared/fold-live'
import { emptyState, FOLD_VERSION } from '@creatorflow/shared/live-state'
import { expect, test } from 'vitest'
import { liveOfThisFold, stateOfThisFold } from './read-base.ts'

const { marks: _, ...ofFold1 } = emptyLive('a', 0)
const old = ofFold1 as ReturnType<typeof emptyLive>

test('[RET-14] what an earlier fold kept of dropped events is read as this one has it', () => {
  expect(liveOfThisFold(1, old)).toEqual(emptyLive('a', 0))
  expect(liveOfThisFold(2, emptyLive('a', 0))).toEqual(emptyLive('a', 0))
  expect(stateOfThisFold(1, { ...emptyState(), lives: { a: old } }).lives.a?.marks).toEqual([])
})

test('[RET-14] a fold that this release does not know is refused in words', () => {
  expect(() => liveOfThisFold(FOLD_VERSION + 1, old)).toThrow(`as fold ${FOLD_VERSION + 1}`)
  expect(liveOfThisFold(FOLD_VERSION, emptyLive('a', 0))).toEqual(emptyLive('a', 0))
})
