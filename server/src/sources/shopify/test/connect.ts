import { randomBytes, randomUUID } from 'node:crypto'
import { sql } from '@creatorflow/db/sql'
import { expect } from 'vitest'
import {
  type AppOptions,
  ask,
  type CreatorOptions,
  type Reply,
  startApp,
  type TestApp,
} from '../../../../test/harness.ts'
import { createSealer } from '../../../core/seal.ts'
import { writeSecrets } from '../../runtime/store.ts'
import { signatureOf } from '../signature.ts'

const secretKey = randomBytes(32)

/** An app whose sources are checked often, and encrypted with a key the test knows. */
export function startShopApp(options: AppOptions = {}): Promise<TestApp> {
  const env = {
    SECRET_KEY: secretKey.toString('base64'),
    SOURCES_INTERVAL_MS: '100',
    ...options.env,
  }
  return startApp({ ...options, env })
}

export interface Delivery {
  readonly topic: string
  /** Text and bytes are sent unchanged. */
  readonly body: unknown
  readonly id?: string
  /** Headers other than a shop's own; undefined removes one. */
  readonly headers?: Readonly<Record<string, string | undefined>>
}

export interface TestShop {
  readonly creatorId: string
  readonly sourceId: string
  readonly account: string
  readonly secret: string
  readonly path: string
  deliver(delivery: Delivery): Promise<Reply>
  /** Once every delivery is processed. */
  settled(): Promise<void>
}

/** A connected shop with its own creator. */
export async function connectShop(app: TestApp, options?: CreatorOptions): Promise<TestShop> {
  const { database, port } = app
  const { id: creatorId } = await app.newCreator(options)
  const account = `${creatorId}.myshopify.com`
  const secret = randomUUID()
  const [row] = await database.query<{ id: string }>(sql`
    insert into sources (creator_id, kind, account, name) values (${creatorId}, 'shopify', ${account}, 'Shop')
    returning id::text as id`)
  const sourceId = row?.id ?? ''
  const sealer = createSealer({ secretKey, dataDir: '/nowhere' })
  await database.transaction((tx) => writeSecrets(tx, sealer, sourceId, { client_secret: secret }))
  const path = `/api/v1/webhooks/shopify/${sourceId}`
  return {
    creatorId,
    sourceId,
    account,
    secret,
    path,
    deliver({ topic, body, id = randomUUID(), headers = {} }) {
      const isRaw = typeof body === 'string' || body instanceof Uint8Array
      const bytes = Buffer.from(isRaw ? body : JSON.stringify(body))
      const all = {
        'content-type': 'application/json',
        'x-shopify-topic': topic,
        'x-shopify-shop-domain': account,
        'x-shopify-webhook-id': id,
        'x-shopify-hmac-sha256': signatureOf(bytes, secret),
        ...headers,
      }
      const given = Object.entries(all).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      )
      return ask(port, 'POST', path, Object.fromEntries(given), bytes)
    },
    async settled() {
      const waiting = async () => {
        const [left] = await database.query<{ n: number }>(sql`
          select count(*)::int as n from deliveries where source_id = ${sourceId}::uuid and done_at is null`)
        return left?.n
      }
      await expect.poll(waiting, { timeout: 60_000 }).toBe(0)
    },
  }
}

/** The dead letters of a shop, oldest first. */
export function lettersOf(
  app: TestApp,
  { sourceId }: TestShop,
): Promise<{ topic: string; key: string; reason: string; raw: Uint8Array }[]> {
  return app.database.query(sql`
    select topic, key, reason, raw from dead_letters where source_id = ${sourceId}::uuid order by id`)
}
