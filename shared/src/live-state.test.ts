import { expect, test } from 'vitest'
import { fold } from './fold.ts'
import { detailKeys, emptyState, latestLive, productName, snapshotOf } from './live-state.ts'

const at = Date.UTC(2026, 2, 2, 18)

function state() {
  const lives = ['a', 'b', 'c'].map((session_id, n) => ({
    seq: n + 1,
    ts: at,
    id: `e${n}`,
    type: 'comment' as const,
    day: '2026-03-02',
    session_id,
    opens_live: 1,
    // Two start at the same time: the greater id is the later one.
    live_started_at: at - (n === 0 ? 1 : 0),
    units: 1,
  }))
  return fold(emptyState(), lives)
}

test('[TOTAL-2] the latest LIVE is the one that started last; of equals, the greater id', () => {
  expect(latestLive({})).toBeNull()
  expect(latestLive(state().lives)).toBe('c')
})

test('[TOTAL-2] a snapshot holds one LIVE in full and the totals of the others', () => {
  const { lives, whole, seq } = snapshotOf(state(), 'b')
  expect([whole, seq]).toEqual(['b', 3])
  expect(lives.b).toEqual(state().lives.b)
  for (const key of detailKeys) expect(lives.a).not.toHaveProperty(key)
  expect(lives.a?.totals).toEqual({ comments: 1 })
  expect(Object.keys(snapshotOf(emptyState(), null).lives)).toEqual([])
})

test('[PAGE-12] an invisible name does not count as a name', () => {
  const names = ['Tea', '  ', '\u200B\u3164\u2800', '🫖', 'شاي', '']
  const known = {
    product_names: names,
    product_rows: Object.fromEntries(names.map((_, row) => [`p${row}`, row])),
  }
  const shown = names.map((_, row) => productName(known, `p${row}`))
  expect(shown).toEqual(['Tea', undefined, undefined, '🫖', 'شاي', undefined])
  expect(productName(known, 'unknown')).toBeUndefined()
})
