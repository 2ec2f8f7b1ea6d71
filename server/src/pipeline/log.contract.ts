import { sql } from '@creatorflow/db/sql'
import { shuffle, withDuplicates } from '@creatorflow/shared/simulator/disorder'
import { createRandom } from '@creatorflow/shared/simulator/random'
import { expect, test } from 'vitest'
import { sentOf, type TestApp } from '../../test/harness.ts'
import { logOf, tailOf } from '../../test/log-rows.ts'
import { numbered } from '../eventlog/event-row.ts'

const START = Date.UTC(2026, 4, 1, 20)

/** What the log is, on any database. */
export function logContract(app: () => TestApp) {
  test('[INGEST-9][P2] 8 senders at once, shuffled and with duplicates, get numbers without a hole, each event once', async () => {
    const creators = await Promise.all(Array.from({ length: 3 }, () => app().newCreator()))
    const events = creators.flatMap(({ id }) => manyEvents(id, 300))
    const senders = Array.from({ length: 8 }, (_, n) => shuffle(n, withDuplicates(n, events, 0.2)))
    const accounts = await Promise.all(
      senders.map(async (mine) => {
        const total = { sent: 0, accepted: 0, rejected: 0, conflicts: 0 }
        for (let from = 0; from < mine.length; from += 90) {
          const part = mine.slice(from, from + 90)
          const { status, json } = await app().post(part)
          expect(status).toBe(200)
          expect(sentOf(json)).toBe(part.length)
          total.sent += part.length
          total.accepted += json.accepted
          total.rejected += json.rejected.length
          total.conflicts += json.conflicts.length
        }
        return total
      }),
    )
    const all = (key: 'accepted' | 'rejected' | 'conflicts') =>
      accounts.reduce((sum, account) => sum + account[key], 0)
    expect(all('accepted')).toBe(events.length)
    expect(all('rejected') + all('conflicts')).toBe(0)
    // Neither a deadlock nor a serialization failure, though both would have been retried.
    expect((await app().get('/metrics')).text).not.toMatch(/write_failures_total\{.*\} [1-9]/)

    for (const creator of creators) {
      const rows = await logOf(app().database, creator.id)
      const mine = events.filter((event) => event.creator_id === creator.id)
      expect(rows.map((row) => row.seq)).toEqual(mine.map((_, n) => n + 1))
      expect(rows.map((row) => row.id).sort()).toEqual(mine.map((event) => event.id).sort())
      expect(await tailOf(app().database, creator.id)).toEqual(rows.map(numbered))
      const sums = (column: 'units' | 'opening' | 'money' | 'diamonds') =>
        rows.reduce((sum, row) => sum + row[column], 0)
      const paid = mine.filter((event) => event.type === 'payment_completed')
      expect(sums('money')).toBe(paid.reduce((sum, event) => sum + (event.amount ?? 0), 0))
      // Greatest like total of the LIVE, in whatever order totals came.
      const likes = rows.filter((row) => row.type === 'like')
      expect(likes.reduce((sum, row) => sum + row.units + row.opening, 0)).toBe(
        Math.max(...mine.map((event) => event.properties?.total ?? 0)),
      )
    }
    const [ids] = await app().database.query<{ n: number }>(
      sql`select count(*)::int as n from event_ids where creator_id = any(${creators.map(({ id }) => id)}::text[])`,
    )
    expect(ids?.n).toBe(events.length)
  })

  test('[INGEST-9] numbers become visible in order: a follower that reads past one misses none', async () => {
    const { key, id } = await app().newCreator()
    let writing = true
    const seen: number[] = []
    const follow = async () => {
      for (;;) {
        const last = !writing
        const rows = await app().database.query<{ seq: number }>(
          sql`select seq from tail where creator_id = ${id} and seq > ${seen.at(-1) ?? 0}::bigint order by seq`,
        )
        seen.push(...rows.map(({ seq }) => seq))
        if (last) return
      }
    }
    const following = follow()
    await Promise.all(
      Array.from({ length: 8 }, async (_, sender) => {
        for (let n = 0; n < 10; n++) {
          const part = Array.from({ length: 5 }, (_, i) => ({
            id: `${sender}-${n}-${i}`,
            type: 'share',
          }))
          expect((await app().post(part, { key })).json.accepted).toBe(5)
        }
      }),
    )
    writing = false
    await following
    expect(seen).toEqual(Array.from({ length: 400 }, (_, n) => n + 1))
  })

  test('[INGEST-9] names and texts are stored outside the log', async () => {
    const { key, id } = await app().newCreator()
    const say = (event: string, ts: number, text: string, name: string) => ({
      id: event,
      type: 'comment',
      ts,
      user_id: 'u1',
      user: { handle: 'mia', name, avatar: 'https://example.com/a.png' },
      properties: { text, color: 'blue' },
    })
    const words = 'Where is my "parcel"?\t\\N\n日本語 🎉'
    await app().post([say('b', START + 2, words, 'Mia B.'), say('a', START + 1, 'hi', 'Mia A.')], {
      key,
    })
    await app().post(say('c', START, 'first', 'Mia 0'), { key })
    const log = await logOf(app().database, id)
    expect(log.map((row) => row.properties)).toEqual([1, 2, 3].map(() => ({ color: 'blue' })))
    const kept = JSON.stringify([log, await tailOf(app().database, id)])
    for (const secret of ['parcel', 'Mia', 'mia', 'avatar', 'example.com']) {
      expect(kept).not.toContain(secret)
    }
    expect(
      await app().database.query(
        sql`select event_id, user_id, text from comments where creator_id = ${id} order by ts`,
      ),
    ).toEqual([
      { event_id: 'c', user_id: 'u1', text: 'first' },
      { event_id: 'a', user_id: 'u1', text: 'hi' },
      { event_id: 'b', user_id: 'u1', text: words },
    ])
    expect(
      await app().database.query(sql`select handle, name from people where creator_id = ${id}`),
    ).toEqual([{ handle: 'mia', name: 'Mia B.' }])
  })

  test('[INGEST-9] the log keeps every field and every text as it was sent', async () => {
    const { key, id } = await app().newCreator()
    const text = `tab\t nl\n cr\r backslash\\ \\N "quoted" {a,b} NULL ' \u2028 😀 \u0001`
    const sent = {
      channel: text,
      traffic_source: 'for_you',
      order_id: text,
      product_id: '{}',
      sku_id: '\\.',
      customer_id: 'NULL',
      video_id: '""',
      pin_id: ',',
      user_id: text,
      session_id: text,
    }
    const properties = {
      note: text,
      deep: { list: [1, 2.5, -0.1, 1e300, true, null, { a: text }] },
    }
    const event = {
      id: text,
      type: 'payment_completed',
      amount: 1_000_000_000_000,
      quantity: 2,
      ts: START,
    }
    expect((await app().post({ ...event, ...sent, properties }, { key })).json.accepted).toBe(1)
    const [row] = await logOf(app().database, id)
    expect(row).toMatchObject({
      ...event,
      ...sent,
      properties,
      currency: 'USD',
      attribution: 'session',
    })
    const again = await app().post({ ...event, ...sent, properties }, { key })
    expect(again.json).toMatchObject({ duplicates: 1, conflicts: [] })
  })
}

interface SentEvent {
  id: string
  type: string
  creator_id: string
  ts: number
  session_id: string
  amount?: number
  order_id?: string
  user_id?: string
  quantity?: number
  properties?: { total?: number; gift_id?: string; diamond_count?: number; streak_id?: string }
}

function manyEvents(creator_id: string, count: number): SentEvent[] {
  const random = createRandom(creator_id)
  return Array.from({ length: count }, (_, n) => {
    const event = { id: `e${n}`, creator_id, ts: START + n * 1_000, session_id: 'live' }
    switch (n % 4) {
      case 0:
        return { ...event, type: 'like', properties: { total: 100 + n } }
      case 1:
        return {
          ...event,
          type: 'payment_completed',
          amount: random.between(1, 9_999),
          order_id: `o${n >> 3}`,
        }
      case 2:
        return { ...event, type: 'viewer_joined', user_id: `u${random.between(1, 40)}` }
      default:
        return {
          ...event,
          type: 'gift',
          quantity: (n >> 2) % 7,
          properties: { gift_id: 'rose', diamond_count: 1, streak_id: `s${n >> 5}` },
        }
    }
  })
}
