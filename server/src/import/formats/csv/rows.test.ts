import { appendFile, readFile, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fileOf, run } from '../../test/run.ts'
import { standIn } from '../../test/stand-in.ts'
import { createRowIds } from './row-ids.ts'

const sales = ['--map', 'Order=order_id', '--map', 'Paid at=ts', '--type', 'payment_completed']
const csv = (file: string, url: string, ...more: string[]) =>
  run(['csv', file, '--creator', 'ana', '--url', url, ...sales, ...more])
const at = '2026-03-01 18:30:00'

test('[FILE-5] a row with a blank mapped time is rejected with row and column, never dated now', async () => {
  const server = await standIn()
  const rows = [`a,${at},12.50`, 'b,,7.00', 'c,\t,1.00', 'd,"  ",1.00', 'e,-,1.00', 'f,N/A,1.00']
  const file = await fileOf('orders.csv', ['Order,Paid at,Amount', ...rows])
  const report = `${file}.report.csv`
  const { code, json, text } = await csv(file, server.url, '--report', report)
  expect(code).toBe(1)
  expect(server.events.map(({ order_id }) => order_id)).toEqual(['a'])
  expect(json).toMatchObject({ rejected_by_reason: { no_time: 3, unreadable: 2 } })
  expect(text).toContain('3 × no_time, such as row 3, Paid at: the row has no time')
  const reported = (await readFile(report, 'utf8')).trimEnd().split('\n').slice(1)
  expect(reported.map((line) => line.split('"').slice(1, 4).join(''))).toEqual(
    [3, 4, 5, 6, 7].map((row) => `${row},Paid at`),
  )
})

test('[FILE-5] a file without times is refused, unless --now is given', async () => {
  const server = await standIn()
  const file = await fileOf('orders.csv', ['order_id,amount', 'a,1.00'])
  const args = ['csv', file, '--creator', 'ana', '--url', server.url, '--type', 'payment_completed']
  const refused = await run(args)
  expect(refused.code).toBe(1)
  expect(refused.text).toContain('Add --map column=ts, or --now if everything happens right now.')
  expect(server.told()).toEqual([])
  const now = await run([...args, '--now'])
  expect(now.json).toMatchObject({ accepted: 1 })
  expect(server.told().at(-1)?.url).toContain('lane=live')
  expect(server.events[0]).not.toHaveProperty('ts')
  const both = await csv(await fileOf('o.csv', ['Order,Paid at', `a,${at}`]), server.url, '--now')
  expect(both.text).toContain('--now works only for files without times')
  const set = await run([...args, '--set', 'ts=2026-03-01'])
  expect(set.json).toMatchObject({ accepted: 1, earliest: expect.stringContaining('2026-03-01') })
})

const lines = ['a,2.00', 'a,2.00', 'b,3.00', 'a,2.00', 'b,9.00']
const linesOf = (rows: readonly string[]) => [
  'Order,Paid at,Amount',
  ...rows.map((row) => row.replace(',', `,${at},`)),
]

test('[FILE-6] equal rows all count once each, in whatever order the file is imported again', async () => {
  const server = await standIn()
  const file = await fileOf('orders.csv', linesOf(lines))
  const first = await csv(file, server.url)
  expect(first).toMatchObject({ code: 0, json: { accepted: 5, duplicates: 0 } })
  expect(first.json.money).toEqual({ payment_completed: { USD: 1_800 } })
  for (const again of [lines, lines.toReversed(), lines.toSorted()]) {
    const other = await fileOf('again.csv', linesOf(again))
    expect((await csv(other, server.url)).json).toMatchObject({ accepted: 0, duplicates: 5 })
  }
  await appendFile(file, `\na,${at},2.00\nc,${at},1.00`)
  const longer = await csv(file, server.url)
  expect(longer.json).toMatchObject({ accepted: 2, duplicates: 5, conflicts: 0 })
  expect(longer.json.money).toEqual({ payment_completed: { USD: 300 } })
})

test('[FILE-6][FILE-1] equal rows on both sides of an interruption all count', async () => {
  const server = await standIn((n) => (n === 2 ? { status: 500 } : undefined))
  const file = await fileOf('orders.csv', linesOf(Array(12_000).fill('a,1.00')))
  expect((await csv(file, server.url)).code).toBe(1)
  const { json } = await csv(file, server.url)
  expect(json).toMatchObject({ rows: 12_000, accepted: 12_000, duplicates: 0 })
  expect(json.money).toEqual({ payment_completed: { USD: 1_200_000 } })
  expect((await csv(file, server.url)).json).toMatchObject({ accepted: 0, duplicates: 12_000 })
})

test('[FILE-6] row ids do not depend on order, and equal rows never share one', () => {
  const idsOf = (rows: readonly string[]) => {
    const ids = createRowIds()
    return rows.map((row) => ids.of(new Map([['order_id', row]])))
  }
  fc.assert(
    fc.property(
      fc
        .array(fc.constantFrom('a', 'b', 'c'))
        .chain((rows) =>
          fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
        ),
      ([rows, shuffled]) => {
        const ids = idsOf(rows).map((named) => JSON.stringify(named))
        expect(new Set(ids).size).toBe(rows.length)
        expect(
          idsOf(shuffled)
            .map((named) => JSON.stringify(named))
            .sort(),
        ).toEqual(ids.sort())
      },
    ),
  )
})

test('[FILE-6] a row that repeats an id with different content is rejected; the same row again is a duplicate', async () => {
  const server = await standIn()
  const rows = [`1,a,${at},2.00`, `1,a,${at},3.00`, `1,a,${at},2.00`, `2,a,${at},3.00`]
  const file = await fileOf('orders.csv', ['id,Order,Paid at,Amount', ...rows])
  const { code, json, text } = await csv(file, server.url)
  expect(code).toBe(1)
  expect(json).toMatchObject({ accepted: 2, duplicates: 1, rejected_by_reason: { id_repeated: 1 } })
  expect(text).toContain('row 3, id: the id "1" was already used by an earlier row')
})

test('[FILE-2][FILE-6] revisions of a figure are separate rows and need its id', async () => {
  const server = await standIn()
  const rows = [
    `ads,${at},5.00,0`,
    `ads,${at},7.00,1`,
    `ads,${at},8.00,1`,
    `ads,${at},6.00,-1`,
    `,${at},9.00,2`,
    `more,${at},1.00,`,
  ]
  const file = await fileOf('ads.csv', ['id,Paid at,Amount,revision', ...rows])
  const type = ['--type', 'ad_spend_incurred', '--map', 'Paid at=ts', '--map', 'Amount=amount']
  const { json, text } = await run(['csv', file, '--creator', 'ana', '--url', server.url, ...type])
  expect(server.events.map(({ amount, revision }) => [amount, revision])).toEqual([
    [500, 0],
    [100, undefined],
  ])
  // The stand-in knows only ids: it takes the second for a duplicate.
  expect(json).toMatchObject({ accepted: 2, duplicates: 1 })
  expect(json.rejected_by_reason).toEqual({ id_repeated: 1, invalid_event: 1, unreadable: 1 })
  expect(text).toContain('a revision needs the id of the event it restates')
})

test.each(['5.76832E+17', '5,76832E+17', '5.76832e+17', '6E+17', '576900000000000011.0'])(
  '[FILE-6] the id %s is refused in every id field',
  async (id) => {
    const server = await standIn()
    const fields = [
      'order_id',
      'product_id',
      'sku_id',
      'customer_id',
      'session_id',
      'user_id',
      'id',
    ]
    const rows = fields.map((_, n) => fields.map((_, m) => (n === m ? `"${id}"` : `x${n}`)))
    const file = await fileOf('orders.csv', [
      `${fields.join(',')},ts,amount`,
      ...rows.map((row) => `${row.join(',')},${at},1.00`),
    ])
    const args = ['csv', file, '--creator', 'ana', '--url', server.url]
    const { code, json, text } = await run([...args, '--type', 'payment_completed'])
    expect(code).toBe(1)
    expect(json).toMatchObject({ accepted: 0, rejected_by_reason: { ruined_id: fields.length } })
    expect(text).toContain('row 2, order_id: ')
    expect(text).toContain('is an id that a spreadsheet turned into a number')
  },
)

test('[FILE-6] ids that only look rounded are accepted', async () => {
  const server = await standIn()
  const ids = [
    '1E5',
    '12E34',
    '576900000000000011',
    '5.1E',
    '="576900000000000012"',
    "'123",
    '1.50',
  ]
  const file = await fileOf('orders.csv', linesOf(ids.map((id) => `${id},1.00`)))
  const { code } = await csv(file, server.url)
  expect(code).toBe(0)
  expect(server.events.map(({ order_id }) => order_id)).toEqual([
    '1E5',
    '12E34',
    '576900000000000011',
    '5.1E',
    '576900000000000012',
    '123',
    '1.50',
  ])
})

test('[FILE-6] long ids that a spreadsheet clearly rounded are refused', async () => {
  const server = await standIn()
  const send = async (ids: readonly string[], ...more: string[]) => {
    const file = await fileOf('orders.csv', linesOf(ids.map((id) => `${id},1.00`)))
    return (await csv(file, server.url, ...more)).json
  }
  const whole = ['576900000000011000', '576900000000012000', '576900000000013000']
  expect(await send(whole)).toMatchObject({ rejected_by_reason: { ruined_id: 3 } })
  expect(await send(whole, '--trust-ids')).toMatchObject({ rejected: 0 })
  // One id in a thousand ends like that by chance, however many lines its order has.
  const byChance = ['576900000000011000', '576900000000011000', '576900000000011000']
  expect(await send([...byChance, '576900000000012345'])).toMatchObject({ rejected: 0 })
  expect(await send(['576900000000000000', '576900000000012345'])).toMatchObject({
    rejected_by_reason: { ruined_id: 1 },
  })
  expect(await send(['1000000', '2000000'])).toMatchObject({ rejected: 0 })
})

const export_ = [
  'Order,Status,Paid at,Amount',
  'The number of the order,Where it is,When it was paid,What was paid',
  `a,Completed,${at},1.00`,
  'b,Unpaid,,2.00',
  `c,Canceled,${at},4.00`,
  `d,Completed,${at},8.00`,
]

test.each([
  [['--except', 'Status=Unpaid'], ['a', 'c', 'd'], 2],
  [['--except', 'Paid at='], ['a', 'c', 'd'], 2],
  [['--only', 'Status=Completed'], ['a', 'd'], 3],
  [['--only', 'Status=Completed', '--only', 'Status=Canceled'], ['a', 'c', 'd'], 2],
  [['--only', 'Status=Completed', '--except', 'Order=a'], ['d'], 4],
])('[FILE-3] %j skips rows, which are counted separately', async (more, wanted, leftOut) => {
  const server = await standIn()
  const file = await fileOf('orders.csv', export_)
  const { code, json, text } = await csv(file, server.url, '--skip-rows', '1', ...more)
  expect(code).toBe(0)
  expect(server.events.map(({ order_id }) => order_id)).toEqual(wanted)
  expect(json).toMatchObject({ rows: 5, left_out: leftOut, rejected: 0 })
  expect(text).toContain(`5 rows, ${leftOut} skipped as requested`)
})

test('[FILE-3] an unknown column, an invalid row count, or an empty result is refused', async () => {
  const server = await standIn()
  const file = await fileOf('orders.csv', export_)
  const { code, text } = await csv(file, server.url, '--only', 'State=Completed')
  expect(code).toBe(1)
  expect(text).toContain('--only State=Completed: write COLUMN=VALUE with one of Order, Status')
  expect((await csv(file, server.url, '--skip-rows', 'two')).code).toBe(2)
  const none = await csv(file, server.url, '--only', 'Status=complete')
  expect(none).toMatchObject({ code: 1, text: expect.stringContaining('No rows are left after') })
  expect(server.told()).toEqual([])
})

test('[FILE-4][FILE-5] ambiguous values are asked about before anything is sent', async () => {
  const server = await standIn()
  const rows = ['a,05/11/2026 21:30:33,"1.234,50"', 'b,13/11/2026 21:30:33,"35,91"']
  const file = await fileOf('orders.csv', ['Order,Paid at,Amount', ...rows])
  const asked = await csv(file, server.url)
  expect(asked.code).toBe(1)
  expect(asked.text).toContain('In "Paid at", the day or the month may come first in dates such as')
  expect(asked.text).toContain('Only dmy fits all dates in this file.')
  expect(asked.text).toContain(
    'In "Amount", the decimals of amounts such as "1.234,50" are ambiguous',
  )
  expect(server.told()).toEqual([])
  const told = await csv(file, server.url, '--date-format', 'dmy', '--decimal', 'comma')
  expect(told.code).toBe(0)
  expect(server.events.map(({ ts, amount }) => [new Date(ts ?? 0).toISOString(), amount])).toEqual([
    ['2026-11-05T21:30:33.000Z', 123_450],
    ['2026-11-13T21:30:33.000Z', 3_591],
  ])
  // Skipped rows are not asked about.
  await writeFile(file, ['Order,Paid at,Amount', ...rows, `c,${at},1.00`].join('\n'))
  expect((await csv(file, server.url, '--only', 'Order=c')).code).toBe(0)
})

test('[FILE-5] rows in the other format are rejected, and a file that fits both says so', async () => {
  const server = await standIn()
  const file = await fileOf('o.csv', ['Order,Paid at', 'a,11/13/2026 9:30 PM', 'b,1/2/2026'])
  expect((await csv(file, server.url)).text).toContain('Only mdy fits')
  const wrong = await csv(file, server.url, '--date-format', 'dmy', '--type', 'order_created')
  expect(wrong.json).toMatchObject({ accepted: 1, rejected: 1 })
  const short = await fileOf('o.csv', ['Order,Paid at', 'b,1/2/2026'])
  expect((await csv(short, server.url)).text).toContain('Both fit all dates in this file.')
  const mixed = await fileOf('o.csv', ['Order,Paid at', 'a,11/13/2026', 'b,13/11/2026'])
  expect((await csv(mixed, server.url)).text).toContain('Neither fits all dates in this file.')
  expect((await csv(short, server.url, '--date-format', 'us')).code).toBe(2)
})
