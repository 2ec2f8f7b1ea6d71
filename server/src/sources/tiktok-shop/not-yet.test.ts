import { expect, test } from 'vitest'
import type { Looked } from './look.ts'
import { heldBy, idsOf, namedBy, notYet, type Read } from './not-yet.ts'
import type { Notice } from './webhook.ts'

const nothing = { returns: [], cancellations: [] }
const news = (orderId: string, at: number, isHeld = false): Notice => ({
  kind: 'orders',
  ids: [orderId],
  news: { orderId, status: 'UNPAID', isHeld, at },
})
const read = (id: string, notice: Notice, attempts = 0): Read => ({
  delivery: { id, attempts },
  notice,
})
const looked = (
  updatedAt: Readonly<Record<string, number | undefined>>,
  refused: Readonly<Record<string, string>> = {},
): Looked => ({
  updatedAt: new Map(Object.entries(updatedAt)),
  refused: new Map(Object.entries(refused)),
})

test('[TTSHOP-4] if the API is behind a delivery, it is asked again soon, then accepted as it is', () => {
  const of = (notice: Notice, attempts: number, known: Looked) => [
    ...notYet([read('d', notice, attempts)], known, nothing).values(),
  ]
  const soon = { kind: 'later', reason: 'The API doesn’t have it yet.', afterMs: 5_000 }
  expect(of(news('1', 100), 0, looked({ 1: 99 }))).toEqual([soon])
  expect(of(news('1', 100), 1, looked({ 1: 99 }))).toEqual([soon])
  expect(of(news('1', 100), 2, looked({ 1: 99 }))).toEqual([])
  expect(of(news('1', 100), 0, looked({ 1: 100 }))).toEqual([])
  // An order without a last change is no older than the news.
  expect(of(news('1', 100), 0, looked({ 1: undefined }))).toEqual([])
  expect(of({ kind: 'orders', ids: ['1'] }, 0, looked({ 1: 1 }))).toEqual([])
  expect(of({ kind: 'nothing' }, 0, looked({}))).toEqual([])
})

test('[TTSHOP-4] a return or cancellation waits until the API reports it', () => {
  const reads = [
    read('r', { kind: 'return', orderId: '1' }),
    read('c', { kind: 'cancellation', orderId: '2' }),
  ]
  const known = looked({ 1: 5, 2: 5 })
  expect([...notYet(reads, known, nothing).keys()]).toEqual(['r', 'c'])
  const returns = [{ id: 'x', updatedAt: 5, raw: { order_id: '1' } }]
  expect([...notYet(reads, known, { ...nothing, returns }).keys()]).toEqual(['c'])
})

test('[TTSHOP-4] an order unknown to the API is named, however often it was asked for', () => {
  const reads = [read('a', { kind: 'orders', ids: ['1', '2'] }, 9), read('b', news('1', 1))]
  expect(notYet(reads, looked({ 1: 1 }, { 2: 'gone' }), nothing)).toEqual(
    new Map([['a', { kind: 'later', reason: 'order 2: gone' }]]),
  )
  expect(notYet(reads, looked({ 1: 1 }), nothing).get('a')).toEqual({
    kind: 'later',
    reason: 'order 2: TikTok Shop doesn’t know it',
  })
})

test('[TTSHOP-4] orders named by several deliveries are requested once', () => {
  const reads = [
    read('a', news('1', 1, true)),
    read('b', news('2', 1)),
    read('c', { kind: 'return', orderId: '3' }),
    read('d', { kind: 'return', orderId: '3' }),
    read('e', { kind: 'cancellation', orderId: '4' }),
    read('f', { kind: 'deauthorized' }),
  ]
  expect(heldBy(reads)).toEqual(new Set(['1']))
  expect(namedBy(reads, 'return')).toEqual(['3'])
  expect(namedBy(reads, 'cancellation')).toEqual(['4'])
  expect(reads.flatMap(({ notice }) => idsOf(notice))).toEqual(['1', '2', '3', '3', '4'])
})
