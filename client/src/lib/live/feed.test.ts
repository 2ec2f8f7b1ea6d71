import type { Changes } from '@creatorflow/shared/changes'
import type { Creator } from '@creatorflow/shared/creator'
import { emptyState, type LiveSnapshot, snapshotOf } from '@creatorflow/shared/live-state'
import type { Head, Update, WatchReply } from '@creatorflow/shared/socket'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFeed, type Feed } from './feed.ts'

const creator: Creator = {
  id: 'mira',
  name: 'Mira',
  time_zone: 'Europe/Berlin',
  currency: 'EUR',
  locale: 'en',
  kind: 'real',
}
const epoch = 'database.1.1'

function live(session_id: string, started_at: number): LiveSnapshot['lives'][string] {
  return {
    session_id,
    started_at,
    inferred: false,
    ended_at: null,
    last_at: started_at,
    estimated: 0,
    totals: {},
    excluded: {},
    viewers_now: null,
    pauses: [],
    pauses_complete: true,
  }
}

function snapshot(orders: number): LiveSnapshot {
  const state = snapshotOf(emptyState(), 'one')
  state.lives.one = { ...live('one', 1), totals: { main_orders: orders } }
  return state
}

const orders = (value: number): Changes => ({
  lives: { one: { totals: { main_orders: value } } },
})
const fresh = (seq: number): WatchReply => ({
  creator,
  epoch,
  seq,
  at: 0,
  recovered: false,
  snapshot: snapshot(seq),
})
const resumed = (seq: number, changes: Changes): WatchReply => ({
  creator,
  epoch,
  seq,
  at: 0,
  recovered: true,
  changes,
})
const update = (from: number, to: number, changes: Changes = orders(to)): Update => ({
  creator_id: 'mira',
  epoch,
  from,
  to,
  at: 0,
  changes,
})
const head = (seq: number, of = epoch): Head => ({
  creator_id: 'mira',
  epoch: of,
  seq,
  at: 0,
  age_ms: 0,
})
const ordersOf = (feed: Feed) => feed.held?.snapshot.lives.one?.totals.main_orders

function joined(seq: number): Feed {
  const feed = createFeed()
  feed.ask()
  expect(feed.answer(fresh(seq), true)).toBe('applied')
  return feed
}

describe('feed', () => {
  it('[SCREEN-7] applies updates that follow, ignores those it has, asks for those it misses', () => {
    const feed = joined(10)
    expect(feed.update(update(11, 12), true)).toBe('applied')
    expect(feed.update(update(9, 12), true)).toBe('current')
    expect(feed.update(update(12, 14), true)).toBe('applied')
    expect(feed.update(update(16, 17), true)).toBe('gap')
    expect(feed.held?.seq).toBe(14)
    expect(ordersOf(feed)).toBe(14)
  })

  it('[SCREEN-2] another epoch is never applied', () => {
    const feed = joined(10)
    expect(feed.update({ ...update(11, 12), epoch: 'database.2.1' }, true)).toBe('epoch_changed')
    expect(feed.head(head(10, 'database.2.1'))).toBe('epoch_changed')
    expect(ordersOf(feed)).toBe(10)
  })

  it('[SCREEN-7] a screen that is behind at the first head asks again', () => {
    const feed = joined(10)
    expect(feed.head(head(10))).toBe('current')
    expect(feed.head(head(11))).toBe('gap')
  })

  it('[SCREEN-2] a screen that is ahead of a head drops its state and asks afresh', () => {
    const feed = joined(10)
    expect(feed.head(head(9))).toBe('epoch_changed')
  })

  it('[SCREEN-7] updates that arrive before the answer are kept and applied after it', () => {
    const feed = joined(10)
    feed.ask()
    expect(feed.update(update(13, 14), true)).toBe('waiting')
    expect(feed.update(update(15, 15), true)).toBe('waiting')
    expect(feed.head(head(15))).toBe('waiting')
    expect(feed.answer(resumed(14, orders(14)), true)).toBe('applied')
    expect(feed.held?.seq).toBe(15)
    expect(ordersOf(feed)).toBe(15)
  })

  it('[SCREEN-7] a hole between the answer and the kept updates is a gap', () => {
    const feed = joined(10)
    feed.ask()
    feed.update(update(16, 17), true)
    expect(feed.answer(resumed(14, orders(14)), true)).toBe('gap')
    expect(feed.held?.seq).toBe(14)
  })

  it('[SCREEN-7] kept updates are bounded, and the screen asks for the rest', () => {
    const feed = joined(0)
    feed.ask()
    for (let seq = 1; seq <= 500; seq++) feed.update(update(seq, seq), true)
    expect(feed.answer(resumed(0, {}), true)).toBe('gap')
    expect(feed.held?.seq).toBe(100)
  })

  it('[SCREEN-7] a screen that follows the latest LIVE announces a newer one once', () => {
    const feed = joined(10)
    const started: Changes = { lives: { two: live('two', 2) } }
    expect(feed.update(update(11, 11, started), true)).toBe('live_changed')
    expect(feed.update(update(12, 12), true)).toBe('applied')
    expect(joined(10).update(update(11, 11, started), false)).toBe('applied')
  })

  it('[SCREEN-7] resumes only if the wanted LIVE is the one held in full', () => {
    const feed = joined(10)
    expect(feed.since(null)).toEqual({ epoch, seq: 10 })
    expect(feed.since('one')).toEqual({ epoch, seq: 10 })
    expect(feed.since('two')).toBeUndefined()
    feed.update(update(11, 11, { lives: { two: live('two', 2) } }), false)
    expect(feed.since(null)).toBeUndefined()
    expect(createFeed().since(null)).toBeUndefined()
  })

  it('[SCREEN-7] with updates lost, doubled and delayed, the screen is right or knows that it is not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 3 }))),
        (sent) => {
          const feed = joined(0)
          let last = 0
          for (const [from, more] of sent) {
            const verdict = feed.update(update(from, from + more), true)
            if (verdict === 'applied') last = from + more
            expect(feed.held?.seq).toBe(last)
            expect(ordersOf(feed)).toBe(last)
          }
        },
      ),
    )
  })

  it('[SCREEN-7] a drawn state never changes: each update makes a new one', () => {
    const feed = joined(1)
    const drawn = feed.held
    const kept = structuredClone(drawn)
    expect(feed.update(update(2, 2), true)).toBe('applied')
    feed.ask()
    expect(feed.answer(resumed(3, orders(3)), true)).toBe('applied')
    expect(drawn).toEqual(kept)
    expect(ordersOf(feed)).toBe(3)
  })
})
