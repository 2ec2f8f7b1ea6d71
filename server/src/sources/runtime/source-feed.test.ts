import { sql } from '@creatorflow/db/sql'
import type { SourcesHeard } from '@creatorflow/shared/socket'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startApp, type TestApp } from '../../../test/harness.ts'
import { answerOf, codeOf, connect } from '../../../test/live-client.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp({ env: { MAX_HELD_SOURCES: '0' } })
})
afterAll(() => app?.[Symbol.asyncDispose]())

async function screen(key: string) {
  const client = await connect(app, key)
  onTestFinished(() => client[Symbol.asyncDispose]())
  const heard: SourcesHeard[] = []
  client.socket.on('sources', (message) => heard.push(message))
  return { client, heard }
}

test('[P5][SOURCE-6] screens of a creator get the status of its sources, then each change, and nobody else does', async () => {
  const { id, key } = await app.newCreator()
  const other = await app.newCreator()
  await app.database.query(sql`
    insert into sources (creator_id, kind, account, name, state, seen_at)
    values (${id}, 'tiktok_live', 'mira', '@mira', 'receiving', now())`)
  const first = await screen(key)
  const foreign = await screen(other.key)
  answerOf(await first.client.watch({ creator_id: id }))
  answerOf(await foreign.client.watch({ creator_id: other.id }))
  expect(codeOf(await foreign.client.watch({ creator_id: id }))).toBe('forbidden')
  await expect
    .poll(() => first.heard)
    .toMatchObject([
      {
        creator_id: id,
        sources: [{ kind: 'tiktok_live', name: '@mira', state: 'receiving', held: true }],
      },
    ])
  // A second one gets the known status, without waiting for a change.
  const second = await screen(key)
  answerOf(await second.client.watch({ creator_id: id }))
  await expect.poll(() => second.heard.length).toBe(1)

  await app.database.query(sql`
    update sources set state = 'retrying', problem = 'connection_lost' where creator_id = ${id}`)
  await expect
    .poll(() => first.heard.at(-1)?.sources, { timeout: 10_000 })
    .toMatchObject([{ state: 'retrying', problem: 'connection_lost' }])
  expect(first.heard).toHaveLength(2)
  await expect.poll(() => foreign.heard).toMatchObject([{ creator_id: other.id, sources: [] }])

  answerOf(await second.client.socket.timeout(10_000).emitWithAck('unwatch', { creator_id: id }))
  const before = second.heard.length
  await app.database.query(sql`delete from sources where creator_id = ${id}`)
  await expect.poll(() => first.heard.at(-1)?.sources, { timeout: 10_000 }).toEqual([])
  expect(second.heard).toHaveLength(before)
})
