import { sql } from '@creatorflow/db/sql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { startApp, type TestApp } from '../../test/harness.ts'
import { silentLog } from '../core/log.ts'
import { forgetPeople } from './forget-people.ts'

const DAY_MS = 86_400_000

describe.each(databases())('names and comments on $name', (backend) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ database: backend })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  const forget = (peopleRetentionDays: number, commentsRetentionDays: number) =>
    forgetPeople({
      database: app.database,
      config: { peopleRetentionDays, commentsRetentionDays },
      log: silentLog(),
    })

  test('[PRIVACY-3] names and texts each expire after their own number of days; 0 keeps them, and no count changes', async () => {
    const { id, key } = await app.newCreator()
    const said = (user_id: string, daysAgo: number) => ({
      id: `${user_id} said`,
      type: 'comment',
      user_id,
      user: { handle: user_id, name: `Name of ${user_id}` },
      ts: Date.now() - daysAgo * DAY_MS,
      properties: { text: `hello from ${user_id}` },
    })
    await app.post([said('old', 40), said('older', 100), said('new', 1)], { key })
    const left = async () => ({
      people: (
        await app.database.query<{ user_id: string }>(
          sql`select user_id from people where creator_id = ${id} order by user_id`,
        )
      ).map(({ user_id }) => user_id),
      comments: (
        await app.database.query<{ user_id: string }>(
          sql`select user_id from comments where creator_id = ${id} order by user_id`,
        )
      ).map(({ user_id }) => user_id),
      events: await app.database.query(
        sql`select seq, user_id, units from events where creator_id = ${id} order by seq`,
      ),
    })
    const { events } = await left()
    await forget(0, 0)
    expect(await left()).toMatchObject({
      people: ['new', 'old', 'older'],
      comments: ['new', 'old', 'older'],
    })
    await forget(60, 0)
    expect(await left()).toMatchObject({
      people: ['new', 'old'],
      comments: ['new', 'old', 'older'],
    })
    await forget(60, 30)
    expect(await left()).toEqual({ people: ['new', 'old'], comments: ['new'], events })
  })

  test('[PRIVACY-3] many are deleted in batches', async () => {
    const { id } = await app.newCreator()
    await app.database.query(sql`
      insert into comments (creator_id, event_id, ts, text)
      select ${id}, n::text, now() - interval '50 days', 'x' from generate_series(1, 25_000) n`)
    await forget(0, 30)
    expect(await app.database.query(sql`select 1 from comments where creator_id = ${id}`)).toEqual(
      [],
    )
  })
})
