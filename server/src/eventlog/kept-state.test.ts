import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Columns, cellOf } from '@creatorflow/shared/columns'
import { fold } from '@creatorflow/shared/fold'
import { emptyLive, foldLive } from '@creatorflow/shared/fold-live'
import { FOLD_SHAPE, FOLD_VERSION } from '@creatorflow/shared/fold-version'
import { emptyState, type LiveEntry } from '@creatorflow/shared/live-state'
import type { MetricId } from '@creatorflow/shared/metrics'
import { presentLive } from '@creatorflow/shared/present'
import { cellsById } from '@creatorflow/shared/test/cells'
import { catalogueOf, metric, withMore } from '@creatorflow/shared/test/more-metrics'
import { at, type Fields, numbered } from '@creatorflow/shared/test/numbered-events'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { liveOfKept, stateOfKept, toKept } from './kept-state.ts'

type Catalogue = typeof import('@creatorflow/shared/metrics')
type Buckets = Record<string, Record<string, number>>

/** What a release with fold 3 had stored, and the meaning of each cell. */
const old = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/fold-3.json'), 'utf8'))

afterEach(() => {
  vi.doUnmock('@creatorflow/shared/metrics')
  vi.resetModules()
})

/** Modules of a release whose catalogue has one more metric, fed by comments. */
async function laterRelease() {
  vi.resetModules()
  vi.doMock('@creatorflow/shared/metrics', async (load) => {
    const actual = await load<Catalogue>()
    const from = { comment: ['rows'] } as const
    const questions = metric('Questions', { from, series: 'tens', product: true })
    return catalogueOf(actual, withMore(actual, { questions }))
  })
  const { decodeState } = await import('./checkpoint.ts')
  const kept = await import('./kept-state.ts')
  const { presentLive: present } = await import('@creatorflow/shared/present')
  const { fold: foldOn } = await import('@creatorflow/shared/fold')
  const { FOLD_VERSION: version } = await import('@creatorflow/shared/fold-version')
  return { ...kept, decodeState, present, foldOn, version }
}

const events: Fields[] = [
  { type: 'like', units: 7, opening: 100 },
  { type: 'share', units: 1, ts: at + 60_000 },
  { type: 'comment', units: 1, ts: at + 60_000 },
  { type: 'payment_completed', money: 900, units: 2, sku_order: 1, product_id: 'mug', pin_id: 'p' },
  { type: 'viewer_count', units: 12, level: 12, ts: at + 65_000 },
]
const byBucket = (columns: Columns, from: number): Buckets => {
  const ids = Object.keys(columns) as MetricId[]
  const length = Math.max(...ids.map((id) => columns[id]?.length ?? 0))
  const buckets = Array.from({ length }, (_, position) => {
    const cells = ids.map((id) => [id, cellOf(columns, id, position)] as const)
    return [String(from + position), Object.fromEntries(cells.filter(([, value]) => value !== 0))]
  })
  return Object.fromEntries(buckets.filter(([, cells]) => Object.keys(cells as object).length > 0))
}
const byName = (live: LiveEntry) => ({
  totals: live.totals,
  minutes: byBucket(live.minutes, live.minutes_from),
  tens: byBucket(live.tens, live.tens_from),
  products: cellsById(live.products, live.product_rows),
  pins: cellsById(live.pins, live.pin_rows),
})
/** Buckets created by an event that added nothing had no number. */
const withoutEmpty = ({ minutes, tens, ...rest }: typeof old.by_name) => {
  const kept = (of: Buckets) =>
    Object.fromEntries(Object.entries(of).filter(([, cells]) => Object.keys(cells).length > 0))
  return { ...rest, minutes: kept(minutes), tens: kept(tens) }
}

describe('[TOTAL-5] what was folded from dropped events', () => {
  test('by fold 3, has every number under its name', () => {
    const { frozen_live, log_base, by_name } = old
    const live = liveOfKept(frozen_live.fold_version, frozen_live.state)
    expect(byName(live)).toEqual(withoutEmpty(by_name))
    const ofBase = stateOfKept(log_base.fold_version, log_base.state)
    expect(byName(ofBase.lives['live-1'] as LiveEntry)).toEqual(withoutEmpty(by_name))
    expect(ofBase).toMatchObject({ days: log_base.state.days, stock: { mug: 38 }, seq: 0 })
    expect(live).toMatchObject({ title: 'Tea time', product_names: ['Stoneware mug'] })
    expect(Object.keys(live.outside?.minutes ?? {})).toHaveLength(1)
    expect(live).not.toHaveProperty('uncounted')
  })

  test('by fold 3, continues as if never dropped', () => {
    const whole = emptyLive('a', at)
    const live = liveOfKept(3, structuredClone(old.frozen_live.state))
    for (const event of numbered(events)) {
      for (const each of [whole, live]) foldLive(each, event, { add: () => {} })
    }
    const { totals } = old.by_name
    for (const [id, value] of Object.entries(whole.totals)) {
      if (['peak_viewers', 'total_users'].includes(id)) continue
      expect([id, live.totals[id as MetricId]]).toEqual([id, value + (totals[id] ?? 0)])
    }
  })

  test('by fold 1, had no marks', () => {
    const { marks: _, ...state } = old.frozen_live.state
    expect(liveOfKept(1, state).marks).toEqual([])
  })

  test('by a later release, in an unknown shape, is refused with the reason', () => {
    const later = (FOLD_SHAPE + 1) * 10_000_000 + 5
    expect(() => liveOfKept(later, old.frozen_live.state)).toThrow(
      `as fold ${FOLD_SHAPE + 1}; this release reads ${FOLD_SHAPE}`,
    )
  })
})

describe('[TOTAL-5] one metric more in the catalogue', () => {
  const state = fold(emptyState(), numbered(events))
  const live = state.lives.a as LiveEntry

  test('makes a new version, and moves no number of a checkpoint', async () => {
    const { version, decodeState } = await laterRelease()
    expect(version).not.toBe(FOLD_VERSION)
    expect(decodeState(JSON.stringify(state), state.seq)).toStrictEqual(state)
  })

  test('moves no number of dropped events, and is itself unknown there', async () => {
    const later = await laterRelease()
    const kept = toKept(live)
    const read = later.liveOfKept(kept.version, JSON.parse(kept.json))
    expect(read).toEqual({ ...live, uncounted: ['questions'] })
    const base = toKept(state)
    expect(later.stateOfKept(base.version, JSON.parse(base.json)).lives.a).toEqual(read)

    const shown = later.present(read, at).metrics as Record<string, { value: number | null }>
    expect(shown.questions).toMatchObject({ value: null, reason: expect.stringMatching(/dropped/) })
    const { average_viewers: _, ...before } = presentLive(live, at).metrics
    expect(shown).toMatchObject(before)
  })

  test('stays unknown when such a LIVE continues and is kept again', async () => {
    const later = await laterRelease()
    const kept = toKept(state)
    const read = later.stateOfKept(kept.version, JSON.parse(kept.json))
    later.foldOn(read, numbered([{ type: 'comment', units: 1 }], read.seq + 1))
    expect(read.lives.a?.totals).toMatchObject({ comments: 2, questions: 1, likes: 107 })
    const again = later.toKept(read.lives.a as LiveEntry)
    const { uncounted } = later.liveOfKept(again.version, JSON.parse(again.json))
    expect(uncounted).toEqual(['questions'])
  })

  test('is equally unknown for fold 3, and every number has its name', async () => {
    const later = await laterRelease()
    const read = later.liveOfKept(3, old.frozen_live.state)
    expect(read.uncounted).toEqual(['questions'])
    expect(byName(read)).toEqual(withoutEmpty(old.by_name))
  })

  test('a removed metric keeps its numbers', () => {
    const kept = JSON.parse(toKept(live).json)
    kept.totals.gone = 5
    kept.minutes.gone = [0, 5]
    expect(liveOfKept(FOLD_VERSION, kept)).toMatchObject({
      totals: { ...live.totals, gone: 5 },
      minutes: { ...live.minutes, gone: [0, 5] },
    })
  })
})
