import { expect, test } from 'vitest'
import type { TestApp, TestCreator } from '../../test/harness.ts'
import { logOf } from '../../test/log-rows.ts'

const NOON = Date.UTC(2026, 4, 2, 12)

type Event = { id: string; type: string } & Record<string, unknown>

const spend = (amount: number, more: object = {}): Event => ({
  id: 'ads-monday',
  type: 'ad_spend_incurred',
  ts: NOON,
  channel: 'search',
  amount,
  ...more,
})

/** Figures that their source corrects later, on any database. */
export function restatingContract(app: () => TestApp) {
  const send = async (creator: TestCreator, events: Event | Event[], query = '') =>
    (await app().post(events, { key: creator.key, query })).json
  const spent = async ({ id, key }: TestCreator) => {
    const question = 'from=2026-05-01T00:00:00Z&to=2026-05-04T00:00:00Z&bucket=1d'
    const path = `/api/v1/creators/${id}/metrics/ad_spend?${question}`
    const { json } = await app().get(path, { key })
    return json.series[0].points.reduce((sum: number, p: { value: number }) => sum + p.value, 0)
  }

  test('[COUNT-7] a higher revision replaces the figure, the log keeps both, a lower one is superseded', async () => {
    const creator = await app().newCreator()
    expect(await send(creator, spend(500))).toMatchObject({ accepted: 1, superseded: 0 })
    expect(await spent(creator)).toBe(500)
    expect(await send(creator, spend(700, { revision: 2 }))).toMatchObject({ accepted: 1 })
    expect(await spent(creator)).toBe(700)
    const late = [spend(900, { revision: 1 }), spend(700, { revision: 2 }), spend(500)]
    expect(await send(creator, late, '?list=duplicates')).toEqual({
      accepted: 0,
      duplicates: 2,
      duplicate_indexes: [1, 2],
      superseded: 1,
      superseded_indexes: [0],
      conflicts: [],
      rejected: [],
    })
    expect(await send(creator, spend(701, { revision: 2 }))).toMatchObject({
      duplicates: 1,
      conflicts: [{ index: 0, id: 'ads-monday' }],
    })
    expect(await spent(creator)).toBe(700)
    const rows = await logOf(app().database, creator.id)
    expect(rows.map((row) => [row.amount, row.money, row.revision])).toEqual([
      [500, 500, null],
      [700, 200, 2],
    ])
    // Back to its old value, and then to nothing.
    expect(await send(creator, spend(500, { revision: 3 }))).toMatchObject({ accepted: 1 })
    expect(await spent(creator)).toBe(500)
    expect(await send(creator, spend(0, { revision: 4 }))).toMatchObject({ accepted: 1 })
    expect(await spent(creator)).toBe(0)
  })

  test('[COUNT-7] revisions end the same whether they come together or apart, in any order', async () => {
    const all = [spend(500), spend(700, { revision: 1 }), spend(650, { revision: 2 })]
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]
    for (const order of orders) {
      const events = order.map((n) => all[n] as Event)
      const together = await app().newCreator()
      const apart = await app().newCreator()
      const account = await send(together, events)
      expect(account.accepted + account.superseded, String(order)).toBe(3)
      for (const event of events) await send(apart, event)
      for (const creator of [together, apart]) {
        expect(await spent(creator), String(order)).toBe(650)
        const again = await send(creator, events)
        expect(again, String(order)).toMatchObject({ accepted: 0, conflicts: [], rejected: [] })
        expect(await spent(creator), String(order)).toBe(650)
      }
    }
  })

  test('[COUNT-7] revision 0 is the same whether it is written or not', async () => {
    const creator = await app().newCreator()
    await send(creator, spend(500))
    const again = await send(creator, spend(500, { revision: 0 }))
    expect(again).toMatchObject({ duplicates: 1, superseded: 0, conflicts: [] })
  })

  test('[COUNT-7] a revision of something else is a conflict and counts nothing', async () => {
    const others = [
      { ts: NOON + 1 },
      { currency: 'EUR' },
      { channel: 'feed' },
      { session_id: 'evening' },
      { product_id: 'mug' },
      { traffic_source: 'paid' },
      { type: 'page_view', amount: undefined },
    ]
    for (const first of [0, 3]) {
      const creator = await app().newCreator()
      await send(creator, spend(500, { revision: first, currency: 'USD' }))
      const events = others.map((other) => spend(700, { revision: first + 1, ...other }))
      const account = await send(creator, events)
      expect(account).toMatchObject({ accepted: 0, duplicates: others.length, superseded: 0 })
      expect(account.conflicts).toEqual(others.map((_, index) => ({ index, id: 'ads-monday' })))
      expect(await spent(creator)).toBe(500)
      // The creator's currency need not be named.
      expect(await send(creator, spend(700, { revision: first + 1 }))).toMatchObject({
        accepted: 1,
      })
      expect(await spent(creator)).toBe(700)
    }
  })

  test('[COUNT-7] a lower revision of something else is a conflict too, even after a higher one', async () => {
    const creator = await app().newCreator()
    const sale = { type: 'payment_completed', channel: undefined }
    const events = [spend(700, { revision: 2 }), spend(500, sale), spend(600, { revision: 1 })]
    expect(await send(creator, events)).toMatchObject({
      accepted: 1,
      superseded: 1,
      conflicts: [{ index: 1, id: 'ads-monday' }],
    })
    const late = [spend(500, sale), spend(500, { currency: 'EUR' }), spend(500)]
    expect(await send(creator, [...late, spend(600, { revision: 1, ts: NOON + 1 })])).toMatchObject(
      {
        accepted: 0,
        superseded: 1,
        conflicts: [0, 1, 3].map((index) => ({ index, id: 'ads-monday' })),
      },
    )
  })

  test("[COUNT-7] other creators' figures, and ids that look like revisions, are separate", async () => {
    const [one, two] = [await app().newCreator(), await app().newCreator()]
    await send(one, [
      spend(500),
      spend(5, { id: 'ads-monday\n1' }),
      spend(6, { id: 'ads-monday 1' }),
    ])
    await send(two, spend(400, { revision: 1 }))
    await send(one, spend(700, { revision: 1 }))
    expect([await spent(one), await spent(two)]).toEqual([711, 400])
  })

  test('[COUNT-7] money in another currency stays out of the sums when it is restated', async () => {
    const creator = await app().newCreator({ currency: 'EUR' })
    const dollars = { currency: 'USD' }
    await send(creator, [spend(500, dollars), spend(700, { ...dollars, revision: 1 })])
    const rows = await logOf(app().database, creator.id)
    expect(rows.map((row) => [row.money, row.excluded])).toEqual([
      [0, 1],
      [0, 0],
    ])
    expect(await spent(creator)).toBe(0)
  })

  test('[COUNT-7] only restatable figures accept a revision, with their own time', async () => {
    const creator = await app().newCreator()
    const sale = { id: 'o', type: 'payment_completed', ts: NOON, amount: 5, revision: 1 }
    const { accepted, rejected } = await send(creator, [
      sale,
      { ...sale, revision: 0 },
      spend(1, { id: 'now', ts: undefined, revision: 1 }),
      spend(1, { id: 'half', revision: 0.5 }),
    ])
    expect(accepted).toBe(1)
    expect(
      rejected.map(({ index, code }: { index: number; code: string }) => [index, code]),
    ).toEqual([0, 2, 3].map((index) => [index, 'invalid_event']))
    expect(rejected[0].message).toContain('payment_completed cannot be restated')
    expect(rejected[0].message).toContain('ad_spend_incurred')
    expect(rejected[1].message).toContain('ts')
  })
}
