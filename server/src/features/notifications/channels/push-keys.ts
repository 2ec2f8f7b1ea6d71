import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import webPush from 'web-push'
import type { Sealer } from '../../../core/seal.ts'
import { pushKeyContext } from '../../../identity/access/reseal.ts'

/** The key pair by which push services know this server. */
export interface PushKeys {
  readonly publicKey: string
  readonly privateKey: string
}

/** Made by the first process that needs it; all others, and later ones, have the same. */
export async function readPushKeys(database: Database, sealer: Sealer): Promise<PushKeys> {
  const known = await select(database, sealer)
  if (known) return known
  const { publicKey, privateKey } = webPush.generateVAPIDKeys()
  const id = crypto.randomUUID()
  await database.query(sql`
    insert into push_keys (id, public_key, sealed)
    values (${id}::uuid, ${publicKey}, ${sealer.seal(privateKey, pushKeyContext(id))})
    on conflict (one) do nothing`)
  const made = await select(database, sealer)
  if (!made) throw new Error('the push keys were not stored')
  return made
}

async function select(database: Database, sealer: Sealer): Promise<PushKeys | undefined> {
  const [row] = await database.query<{ id: string; public_key: string; sealed: Uint8Array }>(
    sql`select id, public_key, sealed from push_keys`,
  )
  return (
    row && {
      publicKey: row.public_key,
      privateKey: sealer.open(row.sealed, pushKeyContext(row.id)),
    }
  )
}

/** Who push services write to about this server: an address of its operator. */
export function pushContact(config: {
  readonly pushContact?: string | undefined
  readonly publicUrl?: string | undefined
  readonly mailFrom: string
}): string {
  if (config.pushContact !== undefined) return config.pushContact
  if (config.publicUrl?.startsWith('https://')) return config.publicUrl
  const [, address = config.mailFrom] = /<([^<>]+)>/.exec(config.mailFrom) ?? []
  return `mailto:${address}`
}
