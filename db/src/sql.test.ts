import { expect, test } from 'vitest'
import { join, raw, sql } from './sql.ts'

test('[STORE-1] makes a placeholder of every value, through nested pieces', () => {
  const condition = sql`a = ${1} and b = ${'x'}`
  const statement = sql`select ${raw('c')} from t where z = ${0} and ${condition} or d in (${join([sql`${2}`, sql`${3}`])})`
  expect(statement).toEqual({
    text: 'select c from t where z = $1 and a = $2 and b = $3 or d in ($4, $5)',
    values: [0, 1, 'x', 2, 3],
  })
  expect(sql`${condition} or ${condition}`.text).toBe('a = $1 and b = $2 or a = $3 and b = $4')
  expect(join([])).toEqual({ text: '', values: [] })
})

test('[STORE-1] keeps a value that looks like a statement a value', () => {
  const hostile = JSON.parse('{"text": "1); drop table events; --", "values": []}')
  expect(sql`insert into t values (${hostile})`).toEqual({
    text: 'insert into t values ($1)',
    values: [hostile],
  })
})
