import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp, type TestCreator } from '../../../test/harness.ts'
import {
  startTikTok,
  type TikTokStandIn,
  type Viewer,
  wireMessage,
  type WireMessage,
} from '../../../test/tiktok-live.ts'
import { insertSource, type SourceHealthRow } from '../store.ts'

const ann: Viewer = { id: '7310000000000000001', handle: 'ann' }
const bob: Viewer = { id: '7310000000000000002', handle: 'bob' }
const room = '7400000000000000123'

let tiktok: TikTokStandIn
let app: TestApp
let creator: TestCreator
let ids = 7_500_000_000_000_000_000n

beforeAll(async () => {
  tiktok = await startTikTok()
  app = await startApp({ env: tiktok.env })
})
afterAll(async () => {
  await app?.[Symbol.asyncDispose]()
  await tiktok?.[Symbol.asyncDispose]()
})

test('goes live', async () => {
  creator = await app.newCreator()
  await app.database.transaction((tx) =>
    insertSource(tx, { creatorId: creator.id } as Tenant, { kind: 'tiktok_live', account: 'mira', name: 'Mira', settings: {} }),
  )
  tiktok.rooms.set('mira', null)
  const row = async () =>
    (await app.database.query<SourceHealthRow>(sql`select * from sources where creator_id = ${creator.id}`))[0]
  await expect.poll(async () => (await row())?.state).toBe('waiting')
  tiktok.rooms.set('mira', { id: room, startTime: Math.floor(Date.now() / 1000) - 60 })
  await expect.poll(async () => (await row())?.state).toBe('receiving')
  tiktok.send([
    wireMessage('WebcastChatMessage', { msgId: String(ids++), at: Date.now(), room, by: ann, fields: { content: 'hello' } }),
  ])
  await expect.poll(async () => (await app.get(`/api/v1/creators/${creator.id}/lives/${room}`)).json, {timeout: 5000}).toEqual(1)
  console.log(await row(), tiktok.counts, tiktok.flaws)
})
