import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApp, type TestApp } from '../../test/harness.ts'
import { logOf } from '../../test/log-rows.ts'
import { sendMeasured, toLines } from '../../test/send-measured.ts'

const ndjson = 'application/x-ndjson'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app?.[Symbol.asyncDispose]())

const like = (id: string) => JSON.stringify({ id, type: 'like' })

test('[INGEST-2] a body that is not valid JSON is refused whole, with the reason', async () => {
  const { key } = await app.newCreator()
  const bodies = ['', '{', '[{"id":"a"}', 'NaN', '{"amount":NaN}', '\u0000', "{'id':1}", '[1,]']
  for (const body of [...bodies, Buffer.from([0x22, 0xff, 0xfe, 0x22]), gzipSync('[]')]) {
    const reply = await sendMeasured(app, body, { key })
    expect(reply).toMatchObject({ status: 400, json: { error: { code: 'invalid_input' } } })
  }
})

test('[INGEST-1] an empty array or empty lines are not an error', async () => {
  const { key } = await app.newCreator()
  const nothing = { accepted: 0, duplicates: 0, superseded: 0, conflicts: [], rejected: [] }
  expect((await sendMeasured(app, '[]', { key })).json).toEqual(nothing)
  for (const body of ['', '\n', ' \r\n\n\t\n']) {
    expect(await sendMeasured(app, body, { key, type: ndjson })).toMatchObject({
      status: 200,
      json: nothing,
    })
  }
})

test('[INGEST-1][P7] a broken line is rejected alone, with its position', async () => {
  const { key, id } = await app.newCreator()
  const body = toLines(
    like('good-1'),
    '{"id":',
    like('good-2'),
    Buffer.from([0x7b, 0xc3, 0x28, 0x7d]),
    'NaN',
    '{"id":"n","type":"like","quantity":NaN}',
    '',
    '[]',
    '"text"',
    'x'.repeat(70_000),
    like('good-3'),
  )
  const { status, json } = await sendMeasured(app, body, { key, type: ndjson })
  expect(status).toBe(200)
  expect(json.accepted).toBe(3)
  expect(json.rejected.map((r: { index: number; code: string }) => [r.index, r.code])).toEqual([
    [1, 'invalid_json'],
    [3, 'invalid_json'],
    [4, 'invalid_json'],
    [5, 'invalid_json'],
    [7, 'invalid_event'],
    [8, 'invalid_event'],
    [9, 'line_too_long'],
  ])
  expect((await logOf(app.database, id)).map((row) => row.id)).toEqual([
    'good-1',
    'good-2',
    'good-3',
  ])
})

test('[EVENT-2] values that cannot be stored or trusted reject only their event', async () => {
  const { key, id } = await app.newCreator()
  const paid = (id: string, more: string) => `{"id":"${id}","type":"payment_completed",${more}}`
  const inside = (id: string, json: string) =>
    `{"id":"${id}","type":"like","properties":{"x":${json}}}`
  const bad: [name: string, event: string][] = [
    ['NUL in an id', '{"id":"a\\u0000","type":"like"}'],
    ['NUL in properties', inside('b', '"\\u0000"')],
    ['NUL in a key', inside('c', '{"\\u0000":1}')],
    ['a lone surrogate', inside('d', '"\\ud800"')],
    ['a lone surrogate in a key', inside('e', '{"\\udc00":1}')],
    ['a lone surrogate in an id', '{"id":"\\ud83d","type":"like"}'],
    ['1e400', inside('f', '1e400')],
    ['-1e400 as amount', paid('g', '"amount":-1e400')],
    ['__proto__ in the event', '{"id":"h","type":"like","__proto__":{"quantity":7}}'],
    ['__proto__ in properties', inside('i', '{"__proto__":{"a":1}}')],
    ['an id named __proto__', '{"id":"__proto__","type":"like"}'],
    ['an id named constructor', '{"id":"constructor","type":"like"}'],
    ['a LIVE named __proto__', '{"id":"j","type":"like","session_id":"__proto__"}'],
    ['a product named toString', '{"id":"k","type":"product_click","product_id":"toString"}'],
    ['10,000 levels', inside('l', '['.repeat(10_000) + ']'.repeat(10_000))],
    ['10,000 levels of objects', inside('m', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`)],
    ['negative money', paid('n', '"amount":-1')],
    ['fractional money', paid('o', '"amount":12.5')],
    ['money as text', paid('p', '"amount":"12"')],
    ['money without end', paid('q', '"amount":1e13')],
    ['no money', paid('r', '"quantity":1')],
    ['a currency that is none', paid('s', '"amount":1,"currency":"usd"')],
    ['a negative quantity', '{"id":"t","type":"like","quantity":-1}'],
    ['a long id', `{"id":"${'u'.repeat(201)}","type":"like"}`],
    ['an id that is a number', '{"id":1,"type":"like"}'],
    ['an empty id', '{"id":"","type":"like"}'],
    ['too many values', inside('v', JSON.stringify(Array(1_000).fill(1)))],
    ['too much text', inside('w', JSON.stringify('x'.repeat(20_000)))],
  ]
  const events = bad.flatMap(([, event], n) => [event, like(`good-${n}`)])
  const whole = await sendMeasured(app, `[${events.join(',')}]`, { key })
  const single = await sendMeasured(app, toLines(...events), { key, type: ndjson })
  for (const { json } of [whole, single]) {
    const reasons = new Map<number, string>(
      json.rejected.map((r: { index: number; code: string }) => [r.index, r.code]),
    )
    bad.forEach(([name], n) => {
      expect([name, reasons.get(2 * n)]).toEqual([name, 'invalid_event'])
    })
    expect(reasons.size).toBe(bad.length)
  }
  expect(whole.json.accepted).toBe(bad.length)
  expect(single.json.duplicates).toBe(bad.length)
  expect(await logOf(app.database, id)).toHaveLength(bad.length)
  expect(({} as Record<string, unknown>).quantity).toBeUndefined()
})

test('[EVENT-2] a body of pure nesting is refused without a crash', async () => {
  const { key } = await app.newCreator()
  const deep = '['.repeat(10_000) + ']'.repeat(10_000)
  expect((await sendMeasured(app, deep, { key })).json).toMatchObject({
    rejected: [{ code: 'invalid_event' }],
  })
  expect((await sendMeasured(app, '{"a":'.repeat(10_000), { key })).status).toBe(400)
  const half = '['.repeat(450_000)
  expect((await sendMeasured(app, half + ']'.repeat(450_000), { key })).status).toBe(200)
})

test('[INGEST-2] another type or encoding is 415', async () => {
  const { key } = await app.newCreator()
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', '']) {
    expect((await sendMeasured(app, '[]', { key, type })).status).toBe(415)
  }
  for (const encoding of ['br', 'deflate', 'gzip, gzip']) {
    const headers = { 'content-encoding': encoding }
    expect((await sendMeasured(app, '[]', { key, headers })).status).toBe(415)
  }
})
