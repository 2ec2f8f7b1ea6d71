import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { fileOf, run } from '../../test/run.ts'
import { standIn } from '../../test/stand-in.ts'
import { planMapping } from './mapping.ts'
import { readRow } from './read-row.ts'
import { createRowIds } from './row-ids.ts'
import { delimiterOf } from './table.ts'

const defaults = {
  map: [],
  set: [],
  money: 'decimal',
  decimal: undefined,
  dateFormat: undefined,
  currency: 'USD',
  creatorCurrency: 'USD',
  timeZone: 'UTC',
  isNow: true,
} as const
const state = () => ({ ids: createRowIds(), rounded: new Set<string>(), trustIds: false })

const orders = [
  '\ufeffOrder ID;Time;Item;Paid;Currency;Quantity;Note',
  'o1;2026-03-01 18:30:00;Scarf;"12.50";USD;2;a "gift"',
  'o2;2026-03-01 18:31:00;"Scarf; red";1234;JPY;1;',
  'o3;2026-03-01 18:32:00;Ring;0.125;KWD;1;',
]
const mapped = ['--map', 'Order ID=order_id', '--map', 'Paid=amount', '--type', 'payment_completed']

test('[FILE-3][FILE-4][FILE-5] columns are fields by name, by --map and by --set', async () => {
  const server = await standIn()
  const file = await fileOf('orders.csv', orders)
  const { code, text, json } = await run([
    ...['csv', file, '--creator', 'ana', '--url', server.url, '--time-zone', 'Europe/Berlin'],
    ...mapped,
    ...['--map', 'Item=properties.product_name', '--set', 'channel=shop'],
  ])
  expect(code).toBe(0)
  expect(text).toContain('  Order ID → order_id\n  Time → ts\n')
  expect(text).toContain('  not used: Note\n')
  expect(json).toMatchObject({ format: 'csv', sent: 3, accepted: 3, rejected: 0 })
  const common = { type: 'payment_completed', creator_id: 'ana', channel: 'shop' }
  const id = expect.stringMatching(/^csv:sha256-[0-9a-f]{64}$/)
  const at = Date.UTC(2026, 2, 1, 17, 30)
  const named = (product_name: string) => ({ properties: { product_name } })
  expect(server.events).toEqual([
    {
      ...common,
      id,
      order_id: 'o1',
      ts: at,
      amount: 1_250,
      currency: 'USD',
      quantity: 2,
      ...named('Scarf'),
    },
    {
      ...common,
      id,
      order_id: 'o2',
      ts: at + 60_000,
      amount: 1_234,
      currency: 'JPY',
      quantity: 1,
      ...named('Scarf; red'),
    },
    {
      ...common,
      id,
      order_id: 'o3',
      ts: at + 120_000,
      amount: 125,
      currency: 'KWD',
      quantity: 1,
      ...named('Ring'),
    },
  ])
})

test.each([
  [['a'], {}, 'No column has the event type'],
  [['type', 'x'], { map: ['y=order_id'] }, 'the file has no column "y". Its columns are type, x'],
  [['type', 'x'], { map: ['x=orderid'] }, '"orderid" is not a field of an event'],
  [['type', 'x'], { map: ['x'] }, '--map needs column=field; what is "x"?'],
  [['type', 'x'], { set: ['=1'] }, '--set needs field=value'],
  [['type', 'x'], { set: ['properties.a.b=1'] }, 'is not a field'],
  [['type', 'time', 'Date'], {}, 'The columns "time" and "Date" are all ts'],
])('[FILE-3] an unclear mapping is refused: %j %j', (header, options, words) => {
  expect(() => planMapping(header, { ...defaults, ...options })).toThrow(words)
})

test('[FILE-3] the command line takes precedence over names, and columns may contain =', () => {
  const mapping = planMapping(['type', 'date', 'time', 'a=b', 'currency'], {
    ...defaults,
    isNow: false,
    map: ['time=ts', 'a=b=order_id'],
    set: ['currency=EUR'],
  })
  expect(mapping.fields).toEqual(['type', undefined, 'ts', 'order_id', undefined])
  expect(readRow(['like', 'x', '1772389800', ' 7 ', 'USD'], mapping, state())).toEqual({
    ok: true,
    value: {
      id: expect.any(String),
      type: 'like',
      ts: 1_772_389_800_000,
      order_id: '7',
      currency: 'EUR',
    },
  })
})

test.each([
  ['a,b,c', ','],
  ['a;"b,c,d";e', ';'],
  ['a\tb', '\t'],
  ['a|b|c\n1,2,3,4,5', '|'],
  ['a', ','],
])('[FILE-3] the header %j is separated by %j', (header, delimiter) => {
  expect(delimiterOf(header)).toBe(delimiter)
})

test('[FILE-4] amounts are whole with --money minor, and those without a currency are rejected', () => {
  const minor = planMapping(['type', 'amount'], { ...defaults, money: 'minor' })
  expect(readRow(['order_refunded', '1250'], minor, state())).toMatchObject({
    value: { amount: 1_250 },
  })
  expect(readRow(['order_refunded', '12.50'], minor, state())).toMatchObject({
    ok: false,
    column: 'amount',
  })
  const decimal = planMapping(['type', 'amount', 'currency'], defaults)
  expect(readRow(['order_refunded', '1', 'usd'], decimal, state())).toMatchObject({
    ok: false,
    column: 'amount',
    reason: 'usd is not a known currency',
  })
})

test('[FILE-6] a row without an id is identified by its content: the same file again is all duplicates', async () => {
  const server = await standIn()
  const file = await fileOf('likes.csv', [
    'type,ts,user_id',
    ...['a', 'b'].map((u) => `like,1772389800,${u}`),
  ])
  const args = ['csv', file, '--creator', 'ana', '--url', server.url]
  expect((await run(args)).json).toMatchObject({ accepted: 2, duplicates: 0 })
  expect((await run(args)).json).toMatchObject({ accepted: 0, duplicates: 2, conflicts: 0 })
  // Read differently, a row is a different row.
  expect((await run([...args, '--type', 'comment'])).json).toMatchObject({ accepted: 2 })
})

const flawed = [
  'id,type,ts,amount,Customer',
  'a,payment_completed,2026-03-01T18:00:00Z,1.00,"=HYPERLINK(""http://x"")"',
  'b,payment_completed,2026-03-01T18:00:00Z,1.005,c',
  'c,payment_completed,2026-03-01T18:00:00Z,-1,c',
  'd,payment_complete,2026-03-01T18:00:00Z,1,c',
  'e,payment_completed,yesterday,1,c',
  'f,payment_completed,2026-03-01T18:00:00Z,1',
  '',
  'g,payment_completed,2026-03-01T18:00:00Z,,c',
  'h,"pay"ment,2026-03-01T18:00:00Z,1,c',
  'i,=1+1,2026-03-01T18:00:00Z,1,c',
  'j,payment_completed,2026-03-01T18:00:00Z,3.00,c',
]

test('[FILE-3][FILE-2][FILE-7] a dry run checks all rows, sends nothing, and reports problems', async () => {
  const server = await standIn()
  const file = await fileOf('flawed.csv', flawed)
  const report = `${file}.report.csv`
  const args = ['csv', file, '--creator', 'ana', '--url', server.url, '--report', report]
  const dry = await run([...args, '--map', 'Customer=customer_id', '--dry-run'])
  expect(dry.code).toBe(1)
  expect(server.told()).toEqual([])
  expect(dry.json).toMatchObject({ dry_run: true, sent: 2, accepted: 0, rejected: 8 })
  expect(dry.text).toContain('2 would be sent, 8 rejected')
  const lines = (await readFile(report, 'utf8')).trimEnd().split('\n')
  expect(lines[0]).toBe('\ufeff"row","column","reason"')
  const found = lines.slice(1).map((line) => line.split('"').slice(1, 4).join('').replace(',', ' '))
  expect(found.sort()).toEqual(
    ['10 type', '11 type', '3 amount', '4 amount', '5 type', '6 ts', '7 ', '9 amount'].sort(),
  )
  expect(lines.join('\n')).toContain('USD has 2 decimals, not 3')
  expect(lines.join('\n')).toContain('did you mean ""payment_completed""')

  const sent = await run([...args, '--map', 'Customer=customer_id'])
  expect(sent.code).toBe(1)
  expect(sent.json).toMatchObject({ sent: 2, accepted: 2, rejected: 8 })
  expect(server.events.map(({ id }) => id)).toEqual(['a', 'j'])
})

test('[FILE-2][WEB-6] no formula runs from a report', async () => {
  const server = await standIn()
  const file = await fileOf('formula.csv', ['type,=cmd()', 'like,x', '"=2+2",y'])
  const report = `${file}.report.csv`
  const args = ['csv', file, '--creator', 'ana', '--url', server.url, '--report', report]
  const { code } = await run([...args, '--map', '=cmd()=quantity', '--now'])
  expect(code).toBe(1)
  const text = await readFile(report, 'utf8')
  expect(text).toContain('"\'=cmd()"')
  expect(text).not.toMatch(/(^|[,;\n"])=/)
})

test('[FILE-7] an unclosed quote affects no row before it', async () => {
  const server = await standIn()
  const rows = Array.from({ length: 50_000 }, (_, n) => `r${n},like,1772389800,u${n}`)
  const file = await fileOf('open.csv', [
    'id,type,ts,user_id',
    ...rows.slice(0, 10),
    '"x,like',
    ...rows.slice(10),
  ])
  const { code, json } = await run(['csv', file, '--creator', 'ana', '--url', server.url])
  expect(code).toBe(1)
  expect(json.rejected).toBeGreaterThanOrEqual(1)
  const ids = new Set(server.events.map(({ id }) => id))
  for (const n of [0, 9]) expect(ids.has(`r${n}`)).toBe(true)
})

test.each([
  [['a'], 'No column has the event type'],
  [[''], 'The file has no header'],
])(
  '[FILE-3] a file that cannot be understood is refused before anything is sent: %j',
  async (lines, words) => {
    const server = await standIn()
    const file = await fileOf('odd.csv', lines)
    const { code, text } = await run(['csv', file, '--creator', 'ana', '--url', server.url])
    expect(code).toBe(1)
    expect(text).toContain(words)
    expect(server.told()).toEqual([])
  },
)
