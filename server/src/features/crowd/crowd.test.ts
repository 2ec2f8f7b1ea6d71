import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { ask, startApp, type TestApp, type TestCreator } from '../../../test/harness.ts'
import { observedDatabase } from '../../../test/observed-database.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import { CROWD_AGE_MS, createCrowds } from './read-crowd.ts'

const NOON = Date.UTC(2026, 9, 20, 12)

describe.each(databases())('the people of a LIVE on $name', (backend) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ database: backend })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  async function send(creator: TestCreator, events: readonly object[]): Promise<void> {
    for (let at = 0; at < events.length; at += 500) {
      const { json } = await app.post(events.slice(at, at + 500), { key: creator.key })
      expect(json).toMatchObject({ rejected: [], conflicts: [] })
    }
  }

  const crowdOf = async ({ id, key }: TestCreator, query = '') =>
    (await app.get(`/api/v1/creators/${id}/lives/one/crowd${query}`, { key })).json

  /** Events of the LIVE `one`, a second apart. */
  const inLive = (events: readonly object[]) =>
    events.map((event, at) => ({
      id: `e${at}`,
      ts: NOON + at * 1_000,
      session_id: 'one',
      ...event,
    }))

  test('[PAGE-11] gifters and buyers add up to the totals of a simulated LIVE, greatest first', async () => {
    const creator = await app.newCreator()
    const { events, truth } = simulateLive({
      seed: 'crowd',
      creatorId: creator.id,
      sessionId: 'one',
      startAt: NOON,
      durationMs: 240_000,
      currency: 'USD',
      timeZone: 'UTC',
      aftermath: false,
    })
    await send(creator, events)
    const { gifters, buyers, complete } = await crowdOf(creator, '?limit=50')
    const sum = (rows: Record<string, number>[], column: string) =>
      rows.reduce((all, row) => all + (row[column] ?? 0), 0)
    expect(gifters.length).toBeGreaterThan(3)
    expect(gifters.length).toBeLessThan(50)
    expect(sum(gifters, 'diamonds')).toBe(truth.totals.diamonds)
    expect(sum(gifters, 'gifts')).toBe(truth.totals.gifts)
    // Buyers without an account are not on the list.
    const guests = events.filter(
      ({ type, customer_id, currency }) =>
        type === 'payment_completed' && customer_id === undefined && currency === 'USD',
    )
    const ofGuests = guests.reduce((all, { amount = 0 }) => all + amount, 0)
    const guestOrders = new Set(guests.map(({ order_id, id }) => order_id ?? id)).size
    expect(sum(buyers, 'gmv') + ofGuests).toBe(truth.totals.gmv)
    expect(sum(buyers, 'orders') + guestOrders).toBe(truth.totals.main_orders)
    const diamonds = gifters.map((row: { diamonds: number }) => row.diamonds)
    expect(diamonds).toEqual([...diamonds].sort((a, b) => b - a))
    expect(gifters[0].user).toMatchObject({ handle: expect.any(String), name: expect.any(String) })
    expect(complete).toBe(true)
    const few = await crowdOf(creator, '?limit=2')
    expect(few.gifters).toEqual(gifters.slice(0, 2))
    expect(few.comments).toHaveLength(2)
  })

  test('[PAGE-11] a streak counts its greatest repeat once, and money in another currency is unknown', async () => {
    const creator = await app.newCreator()
    const gift = { type: 'gift', user_id: 'anna', user: { name: 'Anna' } }
    const properties = { gift_id: 'rose', gift_name: 'Rose', diamond_count: 2, streak_id: 's' }
    const order = { type: 'payment_completed', customer_id: 'ben', order_id: 'o', amount: 500 }
    await send(
      creator,
      inLive([
        { ...gift, quantity: 5, properties },
        { ...gift, quantity: 9, properties },
        { ...order, sku_id: 'a', currency: 'USD', product_id: 'p' },
        { ...order, sku_id: 'b', currency: 'EUR', quantity: 2 },
      ]),
    )
    const { gifters, buyers, orders } = await crowdOf(creator)
    const anna = { user_id: 'anna', handle: null, name: 'Anna' }
    const ben = { user_id: 'ben', handle: null, name: null }
    expect(gifters).toEqual([{ user: anna, diamonds: 18, gifts: 9 }])
    expect(buyers).toMatchObject([{ user: ben, gmv: 500 }])
    expect(orders).toMatchObject([
      { id: 'e3', quantity: 2, money: null, user: ben },
      { id: 'e2', product_id: 'p', money: 500 },
    ])
  })

  test('[PAGE-11] comments come with their words and names, the newest first, of this LIVE alone', async () => {
    const creator = await app.newCreator()
    const said = (text: string, more = {}) => ({ type: 'comment', properties: { text }, ...more })
    await send(creator, [
      ...inLive([
        said('first', { user_id: 'anna', user: { handle: 'anna.k', name: '<b>Anna</b>' } }),
        said('second'),
      ]),
      { id: 'x', ts: NOON, session_id: 'other', ...said('elsewhere') },
    ])
    const { comments, questions } = await crowdOf(creator)
    expect(comments).toEqual([
      { id: 'e1', ts: new Date(NOON + 1_000).toISOString(), text: 'second', user: null },
      {
        id: 'e0',
        ts: new Date(NOON).toISOString(),
        text: 'first',
        user: { user_id: 'anna', handle: 'anna.k', name: '<b>Anna</b>' },
      },
    ])
    expect(questions).toEqual([])
  })

  test('[PAGE-11] a question is marked as answered and reopened; marking is idempotent', async () => {
    const creator = await app.newCreator()
    const said = (text: string, more = {}) => ({ type: 'comment', properties: { text, ...more } })
    const texts = [said('is it lined?'), said('lovely'), said('how big', { question: true })]
    await send(creator, inLive(texts))
    const ids = async () =>
      (await crowdOf(creator)).questions.map((q: { id: string; answered_at: string | null }) => [
        q.id,
        q.answered_at !== null,
      ])
    const mark = (method: string, id: string) =>
      ask(
        app.port,
        method,
        `/api/v1/creators/${creator.id}/lives/one/questions/${id}/answer`,
        { ...app.owner, origin: app.url },
        method === 'POST' ? '{}' : undefined,
      )
    expect(await ids()).toEqual([
      ['e2', false],
      ['e0', false],
    ])
    expect((await mark('POST', 'e2')).status).toBe(204)
    const [, { answered_at: first }] = (await crowdOf(creator)).questions
    expect((await mark('POST', 'e2')).status).toBe(204)
    expect((await crowdOf(creator)).questions[1].answered_at).toBe(first)
    expect(await ids()).toEqual([
      ['e0', false],
      ['e2', true],
    ])
    expect((await crowdOf(creator)).unanswered).toBe(1)
    expect((await mark('DELETE', 'e2')).status).toBe(204)
    expect((await crowdOf(creator)).unanswered).toBe(2)
    expect((await mark('POST', 'e1')).status).toBe(404)
    expect((await mark('POST', 'nothing')).status).toBe(404)
  })

  test('[PAGE-11] people are looked up by id, at most 50 at once; unknown ones are left out', async () => {
    const creator = await app.newCreator()
    const ids = ['a,b', 'c']
    await send(
      creator,
      inLive(ids.map((user_id) => ({ type: 'follow', user_id, user: { name: `N ${user_id}` } }))),
    )
    const path = `/api/v1/creators/${creator.id}/people`
    const ask = (list: readonly string[]) =>
      app.get(`${path}?${list.map((id) => `ids=${encodeURIComponent(id)}`).join('&')}`, {
        key: creator.key,
      })
    expect((await ask([...ids, 'nobody'])).json.people).toEqual([
      { user_id: 'a,b', handle: null, name: 'N a,b' },
      { user_id: 'c', handle: null, name: 'N c' },
    ])
    expect((await ask(['c'])).json.people).toHaveLength(1)
    expect((await ask(Array.from({ length: 51 }, (_, at) => `p${at}`))).status).toBe(400)
    expect((await app.get(path, { key: creator.key })).status).toBe(400)
  })

  test('[PAGE-11] each line of an order in another currency has unknown money', async () => {
    const creator = await app.newCreator()
    const line = (id: string, currency: string) => ({
      id,
      ts: NOON,
      type: 'payment_completed',
      session_id: 'one',
      order_id: `of ${currency}`,
      amount: 500,
      currency,
    })
    await send(creator, [line('a', 'EUR'), line('b', 'EUR'), line('c', 'USD')])
    const crowd = await createCrowds(app.database).get(serverTenant(creator.id), 'one', 10)
    expect(crowd.orders.map(({ id, money }) => [id, money])).toEqual([
      ['c', 500],
      ['b', null],
      ['a', null],
    ])
  })

  test('[PAGE-11] screens that ask within a second share one answer, at most that old', async () => {
    const creator = await app.newCreator()
    const said = (id: string) => ({ id, ts: NOON, type: 'comment', session_id: 'one' })
    await send(creator, [{ ...said('first'), properties: { text: 'one' } }])
    const begun = 1_000
    let ms = begun
    let readings = 0
    const crowds = createCrowds(
      observedDatabase(app.database, {
        before: (text) => {
          if (text.includes('from comments')) readings++
        },
      }),
      () => ms,
    )
    const tenant = serverTenant(creator.id)
    const ids = async (limit: number) =>
      (await crowds.get(tenant, 'one', limit)).comments.map(({ id }) => id)
    const screens = [5, 5, 50].map(ids)
    expect(await Promise.all(screens)).toEqual([['first'], ['first'], ['first']])
    const forOne = readings
    await send(creator, [{ ...said('second'), properties: { text: 'two' } }])
    ms = begun + CROWD_AGE_MS - 1
    expect(await ids(5)).toEqual(['first'])
    expect(readings).toBe(forOne)
    ms = begun + CROWD_AGE_MS + 1
    expect(await ids(5)).toEqual(['second', 'first'])
    expect(await ids(1)).toEqual(['second'])
    expect(readings).toBe(2 * forOne)
    await expect(crowds.get(serverTenant((await app.newCreator()).id), 'one', 5)).rejects.toThrow()
  })

  test("[ACCESS-2] another creator's LIVE is not found", async () => {
    const [mine, other] = [await app.newCreator(), await app.newCreator()]
    await send(mine, inLive([{ type: 'comment', properties: { text: 'hello?' } }]))
    expect((await crowdOf(other)).error.code).toBe('not_found')
    const foreign = `/api/v1/creators/${mine.id}/lives/one/crowd`
    expect((await app.get(foreign, { key: other.key })).status).toBe(403)
  })
})
