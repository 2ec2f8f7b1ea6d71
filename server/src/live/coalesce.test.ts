import { changesOf, pathOf } from '@creatorflow/shared/changes'
import { fold } from '@creatorflow/shared/fold'
import { emptyState, latestLive, snapshotOf, stateLimits } from '@creatorflow/shared/live-state'
import { createRandom } from '@creatorflow/shared/simulator/random'
import { expect, test } from 'vitest'
import { scaled } from '../../../scripts/test/long-run.ts'
import { nextOf, numberedEvents } from '../../test/live-events.ts'
import { createScreen, isExact, type Screen } from '../../test/live-screen.ts'
import { touchedCells } from './coalesce.ts'

test('[SCREEN-3] many touches of a cell are one change with its current value; removed cells are null', () => {
  const state = { ...emptyState(), stock: { a: 3 } }
  const cells = touchedCells(10)
  for (let i = 0; i < 5; i++) cells.add(pathOf('stock', 'a'))
  cells.add(pathOf('stock', 'b'))
  const changes = changesOf(state, cells.take(5))
  expect(changes).toEqual({ stock: { a: 3, b: null } })
  expect(cells.take(6)).toEqual([])
})

test('[SCREEN-3] a cell inside one that is sent in full is left out', () => {
  const state = { ...emptyState(), days: { d: { totals: { gmv: 5 }, excluded: {} } } }
  const paths = [
    ['days', 'd', 'totals', 'gmv'],
    ['days', 'd'],
  ]
  expect(changesOf(state, paths)).toEqual({ days: state.days })
})

test('[SCREEN-3] cells are remembered by their last touch, unsent ones included', () => {
  const cells = touchedCells(2)
  cells.add('a')
  cells.take(10)
  cells.add('b')
  cells.take(20)
  cells.add('c')
  expect(cells.since(0)).toEqual([['c'], ['a'], ['b']])
  expect(cells.since(10)).toEqual([['c'], ['b']])
  expect(cells.since(20)).toEqual([['c']])
  cells.take(30)
  // The limit is two: changes up to 10 are forgotten, and later ones are not.
  expect(cells.since(9)).toBeUndefined()
  expect(cells.since(10)).toEqual([['b'], ['c']])
  cells.clear(40)
  expect(cells.since(39)).toBeUndefined()
  expect(cells.since(40)).toEqual([])
})

/** The twelfth belongs to a LIVE past the state's limit. */
const SEEDS = scaled(15, 50)

/** Screens of one creator compared with its state: joins, losses and resumes at any moment. */
function play(seed: number) {
  const random = createRandom(`screens ${seed}`)
  // Now and then a LIVE exceeds the state's limit.
  const isHuge = seed % 12 === 0
  const events = numberedEvents(random, {
    lives: isHuge ? 1 : random.pick([1, 3, 9, 14]),
    products: isHuge ? 700 : random.pick([20, 700]),
    pins: isHuge ? 700 : 20,
    minutes: random.pick([30, 600, 2_500]),
  })
  const cells = touchedCells(random.pick([60, 1_000, 5_000]))
  const state = emptyState()
  const screens: Screen[] = []
  const seen = { recovered: 0, snapshots: 0, updates: 0 }
  let flushed = 0
  if (isHuge) fold(state, nextOf(events, 10_000), cells)

  function ask(screen: Screen, resume: boolean) {
    const paths = resume ? cells.since(screen.position.seq) : undefined
    const at = { epoch: 'e', seq: state.seq }
    if (paths) {
      seen.recovered++
      screen.answer({ ...at, recovered: true, changes: changesOf(state, paths) })
    } else {
      seen.snapshots++
      const whole = random.chance(0.5)
        ? latestLive(state.lives)
        : random.pick([null, ...Object.keys(state.lives)])
      screen.answer({ ...at, recovered: false, snapshot: snapshotOf(state, whole) })
    }
    expect(isExact(screen, state), `seed ${seed}: after the answer at ${state.seq}`).toBe(true)
  }

  for (let step = 0; step < (isHuge ? 20 : 70); step++) {
    fold(state, nextOf(events, random.between(1, random.chance(0.05) ? 200 : 20)), cells)
    if (random.chance(0.1) && screens.length < 6) {
      const screen = createScreen()
      screens.push(screen)
      ask(screen, false)
    }
    // Between two updates, as when a connection returns.
    if (screens.length > 0 && random.chance(0.2)) ask(random.pick(screens), true)
    if (random.chance(0.3)) continue
    const update = {
      epoch: 'e',
      from: flushed + 1,
      to: state.seq,
      changes: changesOf(state, cells.take(state.seq)),
    }
    flushed = state.seq
    for (const screen of screens) {
      if (random.chance(0.2)) continue
      seen.updates++
      // The same update twice is harmless.
      if (random.chance(0.1)) screen.update(update)
      if (!screen.update(update)) ask(screen, random.chance(0.9))
      expect(isExact(screen, state), `seed ${seed}: after the update to ${state.seq}`).toBe(true)
    }
  }
  return { seen, state }
}

test('[P3][SCREEN-3] whatever a screen misses, at a seq it shows the state at that seq', () => {
  const all = { recovered: 0, snapshots: 0, updates: 0 }
  let fullStates = 0
  let otherProducts = 0
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { seen, state } = play(seed)
    for (const key of Object.keys(all) as (keyof typeof all)[]) all[key] += seen[key]
    if (Object.keys(state.lives).length === stateLimits.lives) fullStates++
    const lives = Object.values(state.lives)
    if (lives.some((live) => Object.keys(live.products_other).length > 0)) otherProducts++
  }
  // The property was really exercised.
  expect(Math.min(...Object.values(all))).toBeGreaterThan(3 * SEEDS)
  expect(fullStates).toBeGreaterThan(SEEDS / 5)
  expect(otherProducts).toBeGreaterThan(0)
}, 120_000)
