import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type EventType, eventTypeNames, nearestEventType } from './event-types.ts'
import { eventLimits, eventSchemas, parseEvent } from './events.ts'

const needs: Partial<Record<EventType, object>> = {
  viewer_count: { quantity: 12 },
  gift: { properties: { gift_id: 'g', diamond_count: 1 } },
  guest_gift: { properties: { gift_id: 'g', diamond_count: 1 } },
  stock_level: { quantity: 3, sku_id: 's' },
  product_impression: { product_id: 'p' },
  product_click: { product_id: 'p' },
  product_pinned: { product_id: 'p' },
  product_unpinned: { product_id: 'p' },
  product_trending: { product_id: 'p' },
  order_created: { order_id: 'o' },
  order_on_hold: { order_id: 'o' },
  order_fulfilled: { order_id: 'o' },
  order_shipped: { order_id: 'o' },
  order_delivered: { order_id: 'o' },
  order_cancelled: { order_id: 'o' },
  order_returned: { order_id: 'o' },
  payment_completed: { amount: 1990 },
  order_refunded: { amount: 1990 },
  revenue_generated: { amount: 1990 },
  shipping_cost_incurred: { amount: 1990 },
  ad_spend_incurred: { amount: 1990 },
  product_cost_incurred: { amount: 1990 },
  customer_acquired: { customer_id: 'c' },
  customer_retained: { customer_id: 'c' },
  tiktok_video_viral: { video_id: 'v' },
  price_changed: { product_id: 'p', amount: 1990 },
  note: { properties: { text: 't' } },
  source_gap: { quantity: 5_000 },
}

function reject(value: unknown) {
  const parsed = parseEvent(value)
  return parsed.ok ? undefined : parsed.reject
}
const comment = (fields: object = {}) => ({ id: 'e1', type: 'comment', ...fields })
const message = (fields: object) => reject(comment(fields))?.message

describe('every type', () => {
  test.each(eventTypeNames)('[EVENT-1] %s passes with exactly the fields it needs', (type) => {
    const value = { id: 'e1', type, ...needs[type] }
    expect(parseEvent(value)).toEqual({ ok: true, event: value })
  })

  test.each(Object.entries(needs))(
    '[EVENT-1] %s is rejected without each of its required fields',
    (type, fields) => {
      for (const missing of Object.keys(fields)) {
        const value = { id: 'e1', type, ...fields, [missing]: undefined }
        expect(reject(value)).toMatchObject({ code: 'invalid_event' })
      }
      if (type === 'stock_level') {
        expect(reject({ id: 'e1', type, quantity: 3 })?.message).toContain('product_id or a sku_id')
      }
    },
  )

  test('[EVENT-1] every type has a schema, and every schema a type', () => {
    expect(Object.keys(eventSchemas).sort()).toEqual([...eventTypeNames].sort())
  })
})

test.each([
  ['live_start', 'live_started'],
  ['Likes', 'like'],
  ['payment_complete', 'payment_completed'],
  ['toString', 'share'],
])('[EVENT-1] the unknown type %s is rejected with the nearest known one', (type, nearest) => {
  expect(reject({ id: 'e1', type })).toMatchObject({ code: 'unknown_type' })
  if (type !== 'toString') expect(reject({ id: 'e1', type })?.message).toContain(`"${nearest}"`)
  expect(eventTypeNames).toContain(nearestEventType(type))
})

test('[EVENT-1] an endless or malformed type name stays short and well-formed in the answer', () => {
  for (const type of ['x'.repeat(1e6), 'live\ud800', '', '__proto__']) {
    const found = reject({ id: 'e1', type })
    expect(found?.code).toBe('unknown_type')
    expect(found?.message.length).toBeLessThan(200)
    expect(found?.message.isWellFormed()).toBe(true)
  }
  expect(reject({ id: 'e1', type: 7 })?.code).toBe('invalid_event')
})

describe('fields', () => {
  test.each([null, 7, 'comment', [], [comment()], undefined])(
    '[EVENT-1] %j is not an event',
    (value) => {
      expect(reject(value)).toEqual({
        code: 'invalid_event',
        message: 'an event must be a JSON object',
      })
    },
  )

  test('[EVENT-1] an unknown field is rejected by name; properties take anything', () => {
    expect(message({ ammount: 5 })).toContain('ammount')
    expect(message({ user: { email: 'a@b.c' } })).toContain('email')
    expect(message({ properties: { mood: { scale: [1, 2.5, null, true] } } })).toBeUndefined()
  })

  test.each(['', 'x'.repeat(201), '__proto__', 'constructor', 7, null])(
    '[EVENT-2] %j is not an id',
    (id) => {
      expect(message({ id })).toMatch(/^id: /)
      expect(message({ session_id: id })).toMatch(/^session_id: /)
    },
  )

  test('[EVENT-3] ts is ISO 8601 with a zone or whole epoch milliseconds and becomes milliseconds', () => {
    const at = Date.UTC(2026, 2, 1, 18)
    for (const ts of [at, '2026-03-01T18:00:00Z', '2026-03-01T19:00:00.000+01:00']) {
      expect(parseEvent(comment({ ts }))).toEqual({ ok: true, event: { ...comment(), ts: at } })
    }
    for (const ts of ['2026-03-01T18:00:00', '2026-02-30T18:00:00Z', 'now', 1.5, '', null]) {
      expect(message({ ts })).toContain('ts: ts must be ISO 8601')
    }
  })

  test('[EVENT-4] money is whole, not negative and bounded; a currency is three capitals', () => {
    const paid = (fields: object) =>
      reject({ id: 'e1', type: 'payment_completed', amount: 5, ...fields })?.message
    expect(paid({ currency: 'EUR' })).toBeUndefined()
    expect(paid({ amount: 0 })).toBeUndefined()
    expect(paid({ amount: 19.9 })).toContain('whole number of minor units')
    expect(paid({ amount: -1 })).toContain('must not be negative')
    expect(paid({ amount: '5' })).toContain('amount')
    expect(paid({ amount: eventLimits.amountMinorUnits + 1 })).toContain('amount')
    for (const currency of ['eur', 'EURO', '', 978]) {
      expect(paid({ currency })).toContain('currency')
    }
  })

  test('[EVENT-4] quantities and running totals are whole, not negative and bounded', () => {
    for (const quantity of [-1, 1.5, '3', eventLimits.quantity + 1]) {
      expect(message({ quantity })).toContain('quantity')
    }
    const like = (total: unknown) => reject({ id: 'e', type: 'like', properties: { total } })
    expect(like(9_007_199_254_740_991)).toBeUndefined()
    for (const total of [-1, 0.5, '12', 2 ** 53]) expect(like(total)?.code).toBe('invalid_event')
  })
})

describe('hostile input', () => {
  test('[EVENT-2] NUL and lone surrogates are rejected in values, keys and depths', () => {
    for (const bad of ['a\0b', 'a\ud800', '\udfffb']) {
      expect(message({ properties: { text: bad } })).toMatch(/NUL|surrogate/)
      expect(message({ properties: { [bad]: 1 } })).toMatch(/NUL|surrogate/)
      expect(message({ properties: { list: [{ deep: bad }] } })).toMatch(/NUL|surrogate/)
      expect(message({ channel: bad })).toMatch(/NUL|surrogate/)
    }
    expect(message({ properties: { text: 'fine 🍵 日本' } })).toBeUndefined()
  })

  test('[EVENT-2] numbers that JSON makes infinite, and keys that pollute, are rejected', () => {
    const parse = (json: string) => reject(JSON.parse(json))?.message
    expect(parse('{"id":"e","type":"comment","properties":{"n":1e400}}')).toBe(
      'numbers must be finite',
    )
    expect(parse('{"id":"e","type":"comment","properties":{"__proto__":{"a":1}}}')).toContain(
      '__proto__',
    )
    expect(parse('{"id":"e","type":"comment","__proto__":{"a":1}}')).toContain('__proto__')
    expect(({} as { a?: number }).a).toBeUndefined()
  })

  test('[EVENT-2] depth, number of values and length of text are bounded', () => {
    let nested: object = {}
    for (let depth = 0; depth < 10_000; depth++) nested = { nested }
    expect(message({ properties: nested })).toContain('nested deeper')
    const many = Object.fromEntries(Array.from({ length: 501 }, (_, n) => [`k${n}`, n]))
    expect(message({ properties: many })).toContain('more than 500 values')
    const long = Array.from({ length: 9 }, () => 'x'.repeat(1_999))
    expect(message({ properties: { long } })).toContain('more than 16000 characters')
    expect(message({ properties: { text: 'x'.repeat(2_001) } })).toContain('text')
  })

  test('[EVENT-2] any input gives an event or a short well-formed reason', () => {
    const value = fc.record(
      {
        id: fc.oneof(fc.string({ unit: 'binary' }), fc.anything()),
        type: fc.oneof(fc.constantFrom(...eventTypeNames), fc.anything()),
        ts: fc.anything(),
        amount: fc.oneof(fc.integer(), fc.double()),
        properties: fc.anything(),
      },
      { requiredKeys: ['id', 'type'] },
    )
    fc.assert(
      fc.property(value, (given) => {
        const parsed = parseEvent(given)
        if (parsed.ok) {
          expect(JSON.parse(JSON.stringify(parsed.event)).id).toBe(given.id)
        } else {
          expect(parsed.reject.message.length).toBeLessThanOrEqual(500)
          expect(parsed.reject.message.isWellFormed()).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})
