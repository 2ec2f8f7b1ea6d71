import { join, raw, sql } from '@creatorflow/db/sql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { ask, startApp, type TestApp } from '../../../test/harness.ts'
import { createLog } from '../../core/log.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import { resettleCreator } from '../../resettle/resettle.ts'

const NOON = Date.UTC(2026, 9, 20, 12)
/** Everything that could identify her: each is in more than one place before the erasure. */
const her = {
  id: '7064055069303700846',
  handle: 'Quilla.Vane_88',
  name: 'Quilla Vane 紗',
  orders: ['ORD-90210-A', '5768320000000000777'],
} as const
const needles = [her.id, her.handle, her.name, ...her.orders]

describe.each(databases())('traces of an erased person on $name', (backend) => {
  let app: TestApp
  const lines: string[] = []
  beforeAll(async () => {
    const log = createLog({ level: 'trace', stream: { write: (line) => lines.push(line) } })
    app = await startApp({ database: backend, log })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  /** Every row of every table, in lower case. */
  async function dump(): Promise<string[]> {
    const tables = await app.database.query<{ name: string }>(sql`
      select table_name as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE'`)
    const rows = join(
      tables.map(
        ({ name }) =>
          sql`select ${name}::text as name, row_to_json(t)::text as row from ${raw(name)} t`,
      ),
      ' union all ',
    )
    const all = await app.database.query<{ name: string; row: string }>(rows)
    return all.map(({ name, row }) => `${name}: ${row}`.toLowerCase())
  }

  /** Those that contain a text, plain, within JSON or as bytes. */
  function rowsWith(rows: readonly string[], text: string): string[] {
    const inJson = JSON.stringify(text).slice(1, -1)
    const forms = [text, inJson, JSON.stringify(inJson).slice(1, -1)]
    forms.push(Buffer.from(text).toString('hex'), Buffer.from(inJson).toString('hex'))
    return rows.filter((row) => forms.some((form) => row.includes(form.toLowerCase())))
  }

  /** Everything about a creator that can be exported from the server. */
  async function exportsOf(id: string): Promise<string> {
    const of = `/api/v1/creators/${id}`
    const paths = [
      `${of}/live`,
      `${of}/lives`,
      `${of}/lives/live/events`,
      `${of}/lives/live/summary`,
      `${of}/lives/live/minutes.csv`,
      `${of}/lives/live/crowd`,
      `${of}/dead-letters`,
      `${of}/people?ids=${her.id}`,
      '/api/v1/audit?limit=500',
      '/api/v1/audit/export',
      '/api/v1/audit/export?format=ndjson',
    ]
    const texts: string[] = []
    for (const path of paths) {
      const reply = await ask(app.port, 'GET', path, app.owner)
      expect([200, 404], path).toContain(reply.status)
      texts.push(reply.text)
    }
    return texts.join('\n')
  }

  async function fill(id: string, key: string): Promise<void> {
    const live = { session_id: 'live' }
    const who = { user_id: her.id, user: { handle: her.handle, name: her.name } }
    const ben = { user_id: 'ben', user: { handle: 'ben', name: 'Ben' } }
    const text = (n: string) => ({ text: n })
    const [first, second] = her.orders
    const events = [
      { id: 'start', type: 'live_started', ...live, properties: { title: `For ${her.name}` } },
      { id: 'join', type: 'viewer_joined', ...live, ...who },
      { id: `comment:${her.id}`, type: 'comment', ...live, ...who, properties: text('my home') },
      ...[
        `thanks @${her.handle}!`,
        `thanks @${her.handle.toLowerCase()} again`,
        `is ${her.name}さん here?`,
        `where is ${first}?`,
        `${her.id} is mine`,
        // Part of a longer word is someone else.
        `not ${her.handle}x nor ${her.id}0`,
      ].map((said, n) => ({
        id: `ben-${n}`,
        type: 'comment',
        ...live,
        ...ben,
        properties: text(said),
      })),
      {
        id: 'gift',
        type: 'gift',
        ...live,
        ...who,
        quantity: 2,
        properties: { gift_id: '1', diamond_count: 5, streak_id: `${her.id}:1` },
      },
      {
        id: 'to-her',
        type: 'gift',
        ...live,
        ...ben,
        quantity: 1,
        properties: {
          gift_id: '1',
          diamond_count: 5,
          to: her.handle,
          note: `for ${her.name}`,
          n: 3,
        },
      },
      ...[first, second].flatMap((order_id, n) => [
        {
          id: `shop:${order_id}:paid`,
          type: 'payment_completed',
          ...live,
          customer_id: her.id,
          order_id,
          amount: 500 + n,
          quantity: 1,
          product_id: 'scarf',
          properties: { email: `${her.handle}@example.com`, tax: 50 },
        },
        // Later events of an order name no customer.
        {
          id: `shop:${order_id}:refund`,
          type: 'order_refunded',
          order_id,
          amount: 100,
          product_id: 'scarf',
          properties: { reason: `too small, says ${her.name}, Elm Street 5` },
        },
        {
          id: `shop:${order_id}:sent`,
          type: 'order_shipped',
          order_id,
          properties: { tracking: 'T-1' },
        },
      ]),
    ].map((event, n) => ({ ...event, ts: NOON + n }))
    const { json } = await app.post(events, { key })
    expect(json).toMatchObject({ accepted: events.length, rejected: [] })
    await app.database.query(sql`
      insert into sources (creator_id, kind, account, name, problem_detail)
      values (${id}, 'shopify', ${id}, 'Shop', ${`order ${second} is odd`})`)
    const source = sql`(select id from sources where creator_id = ${id})`
    await app.database.query(sql`
      insert into shop_orders (source_id, creator_id, order_id, told)
      values (${source}, ${id}, ${first}, ${JSON.stringify({ of: first })}::jsonb)`)
    const letter = { id: `shop:${first}:again`, type: 'like', order_id: first, note: her.name }
    await app.database.query(sql`
      insert into dead_letters (creator_id, reason, event, key)
      values (${id}, ${`broken: ${first} of ${her.handle}`}, ${JSON.stringify(letter)}::jsonb,
        ${`shop:${first}:again`})`)
    for (const needle of [her.handle, her.name, second]) {
      const body = Buffer.from(JSON.stringify({ of: needle }))
      await app.database.query(sql`
        insert into dead_letters (creator_id, source, source_id, key, reason, raw)
        values (${id}, 'shopify', ${source}, ${needle}, 'odd', ${body})`)
      await app.database.query(sql`
        insert into deliveries (source_id, creator_id, delivery_id, topic, body, last_problem)
        values (${source}, ${id}, ${`d-${needle.length}`}, 'orders/paid', ${body}, ${`for ${needle}`})`)
    }
  }

  test('[PRIVACY-1] no id, handle, name or order of an erased person is in a table, an export or the log', async () => {
    const creator = await app.newCreator()
    await fill(creator.id, creator.key)
    const path = `/api/v1/creators/${creator.id}/people/${her.id}`
    expect((await ask(app.port, 'GET', path, app.owner)).text).toContain(her.name)
    await ask(app.port, 'GET', `${path}/nothing/${her.handle}`, app.owner)
    const before = await exportsOf(creator.id)
    const filled = await dump()
    for (const needle of needles) {
      expect(rowsWith(filled, needle).length, needle).toBeGreaterThan(1)
      expect(before.toLowerCase(), needle).toContain(needle.toLowerCase())
    }
    const totals = async () =>
      (await ask(app.port, 'GET', `/api/v1/creators/${creator.id}/lives/live/summary`, app.owner))
        .json.totals
    const counted = await totals()

    const erased = await ask(app.port, 'DELETE', path, app.owner)
    expect(erased).toMatchObject({ status: 200, json: { comments: 1, messages: 6 } })

    // A node that follows the creator starts over once notified.
    await expect
      .poll(async () => exportsOf(creator.id).then((text) => text.replaceAll(`${her.id}0`, '')))
      .not.toContain(her.id)
    const after = await exportsOf(creator.id)
    const others = [`${her.handle}x`, `${her.id}0`]
    const without = (text: string) =>
      others.reduce((rest, other) => rest.replaceAll(other.toLowerCase(), ''), text.toLowerCase())
    const left = await dump()
    for (const needle of [...needles, 'Elm Street', 'T-1', 'my home']) {
      const rows = rowsWith(left, needle).filter((row) =>
        without(row).includes(needle.toLowerCase()),
      )
      expect(rows, needle).toEqual([])
      expect(without(after), needle).not.toContain(needle.toLowerCase())
      expect(without(lines.join('')), needle).not.toContain(needle.toLowerCase())
    }
    // Others' texts remain, without her.
    const words = await app.database.query<{ text: string }>(sql`
      select text from comments where creator_id = ${creator.id} order by event_id`)
    expect(words.map(({ text }) => text)).toEqual([
      'thanks @[erased]!',
      'thanks @[erased] again',
      'is [erased]さん here?',
      expect.stringMatching(/^where is erased-[\w-]{36}\?$/),
      expect.stringMatching(/^erased-[\w-]{36} is mine$/),
      `not ${others[0]} nor ${others[1]}`,
    ])
    expect(await totals()).toEqual(counted)
    const again = await ask(app.port, 'DELETE', path, app.owner)
    expect(again.json).toEqual({ events: 0, comments: 0, messages: 0 })
  })

  test('[PRIVACY-2] an order keeps one random id in all of its events, so its counts stay', async () => {
    const creator = await app.newCreator()
    await fill(creator.id, creator.key)
    await ask(app.port, 'DELETE', `/api/v1/creators/${creator.id}/people/${her.id}`, app.owner)
    const rows = await app.database.query<{ order_id: string; n: number }>(sql`
      select order_id, count(*)::int as n from events
      where creator_id = ${creator.id} and order_id is not null group by order_id`)
    expect(rows).toHaveLength(2)
    for (const row of rows) {
      expect(row).toMatchObject({ order_id: expect.stringMatching(/^erased-/), n: 3 })
    }
    const claims = await app.database.query<{ key: string }>(sql`
      select key from claims where creator_id = ${creator.id} and kind = 'order' order by key`)
    expect(claims.map(({ key }) => key)).toEqual(rows.map(({ order_id }) => order_id).sort())
    expect(await resettleCreator(app.database, serverTenant(creator.id))).toEqual({
      rewritten: 0,
      raised: false,
    })
    const [ben] = await app.database.query<{ properties: object }>(sql`
      select properties from events where creator_id = ${creator.id} and id = 'to-her'`)
    expect(ben?.properties).toEqual({
      gift_id: '1',
      diamond_count: 5,
      to: '[erased]',
      note: 'for [erased]',
      n: 3,
    })
  })
})
