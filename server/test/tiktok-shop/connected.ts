import { createHmac, randomBytes } from 'node:crypto'
import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { serverTenant } from '../../src/core/rights/authorize.ts'
import { createSealer } from '../../src/core/seal.ts'
import type { Secrets } from '../../src/sources/runtime/source.ts'
import { insertSource, touchSource, writeSecrets } from '../../src/sources/runtime/store.ts'
import { ask, type Reply } from '../harness.ts'
import type { ModelOrder } from './model.ts'
import type { StandIn } from './stand-in.ts'

/** Encrypts the secrets of every source of these tests. */
export const secretKey = randomBytes(32).toString('base64')
const sealer = createSealer({ secretKey: Buffer.from(secretKey, 'base64'), dataDir: '/nowhere' })

/** For an app that calls a stand-in; retries come soon. */
export const envFor = (shop: Pick<StandIn, 'url'>): Record<string, string> => ({
  SECRET_KEY: secretKey,
  SOURCES_INTERVAL_MS: '100',
  TIKTOK_SHOP_API_URL: shop.url,
  TIKTOK_SHOP_AUTH_URL: shop.url,
  // A busy machine must not look like a hanging API: a refresh whose answer is lost cannot be repeated.
  TIKTOK_SHOP_TIMEOUT_MS: '5000',
  TIKTOK_SHOP_POLL_S: '1',
})

export async function connectShop(
  database: Database,
  creatorId: string,
  shop: StandIn,
  secrets: Secrets = {
    ...shop.keys,
    access_token: shop.tokens.access,
    refresh_token: shop.tokens.refresh,
  },
  account = shop.shopId,
): Promise<string> {
  return database.transaction(async (tx) => {
    const tenant = serverTenant(creatorId)
    const source = { kind: 'tiktok_shop', account, name: 'Shop', settings: {}, isExclusive: true }
    const id = await insertSource(tx, tenant, source)
    if (id === undefined) throw new Error('it is connected already')
    await writeSecrets(tx, sealer, id, secrets)
    return id
  })
}

/** As a person does it on the page. */
export function reconnect(database: Database, creatorId: string, id: string, secrets: Secrets) {
  return database.transaction(async (tx) => {
    await writeSecrets(tx, sealer, id, secrets)
    await touchSource(tx, serverTenant(creatorId), id)
  })
}

export interface Shown {
  readonly state: string
  readonly problem: string | null
  readonly detail: string | null
  readonly messages: number
  readonly unknown: Readonly<Record<string, number>>
}

export async function shownOf(database: Database, id: string): Promise<Shown> {
  const [row] = await database.query<Shown>(sql`
    select state, problem, problem_detail as detail, messages, "unknown" from sources where id = ${id}::uuid`)
  if (!row) throw new Error('there is no such source')
  return row
}

export async function lettersOf(database: Database, creatorId: string) {
  return database.query<{ topic: string; reason: string; raw: Uint8Array; key: string }>(sql`
    select topic, reason, raw, key from dead_letters where creator_id = ${creatorId} order by id`)
}

export async function waitingOf(database: Database, id: string): Promise<number> {
  const [row] = await database.query<{ n: number }>(sql`
    select count(*)::int as n from deliveries where source_id = ${id}::uuid and done_at is null`)
  return row?.n ?? 0
}

let numbered = 0

/** A delivery with its own id. */
export function delivery(shopId: string, type: number, data: object): string {
  numbered++
  const tts_notification_id = `73271123930${String(numbered).padStart(8, '0')}`
  return JSON.stringify({
    type,
    tts_notification_id,
    shop_id: shopId,
    timestamp: 1_760_000_000,
    data,
  })
}

export const deliveriesOf = (shopId: string, orders: Iterable<ModelOrder>): string[] =>
  [...orders].flatMap(({ told }) => told.map(({ type, data }) => delivery(shopId, type, data)))

/** Delivers like TikTok Shop; the signature is over exactly this body. */
export function deliver(
  port: number,
  sourceId: string,
  body: string | Uint8Array,
  { app_key, app_secret }: { readonly app_key: string; readonly app_secret: string },
): Promise<Reply> {
  const authorization = createHmac('sha256', app_secret).update(app_key).update(body).digest('hex')
  const headers = { 'content-type': 'application/json', authorization }
  return ask(port, 'POST', `/api/v1/webhooks/tiktok-shop/${sourceId}`, headers, body)
}
