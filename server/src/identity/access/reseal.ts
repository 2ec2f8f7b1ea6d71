import { type Database, errorCode } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import type { Log } from '../../core/log.ts'
import type { Sealer } from '../../core/seal.ts'
import { totpContext } from './totp.ts'

/** What the secrets of a target of alerts are sealed for. */
export const targetContext = (targetId: string): string => `alert target ${targetId}`
/** The same of the key for push services. */
export const pushKeyContext = (id: string): string => `push key ${id}`

/** Every column with encrypted text, with its context. */
const places = [
  { table: 'users', id: 'id', column: 'totp_secret', context: totpContext },
  {
    table: 'source_secrets',
    id: 'source_id',
    column: 'sealed',
    context: (sourceId: string) => `source ${sourceId}`,
  },
  { table: 'alert_target_secrets', id: 'target_id', column: 'sealed', context: targetContext },
  { table: 'push_keys', id: 'id', column: 'sealed', context: pushKeyContext },
] as const

/**
 * Re-encrypts text of the previous key with the current one, so the previous one can be removed from the
 * configuration, and logs what neither opens. Any number of nodes may do so at once.
 */
export async function resealSecrets(database: Database, sealer: Sealer, log: Log): Promise<void> {
  let resealed = 0
  let lost = 0
  for (const { table, id, column, context } of places) {
    const rows = await database.query<{ id: string; sealed: Uint8Array }>(sql`
      select ${raw(id)}::text as id, ${raw(column)} as sealed from ${raw(table)}
      where ${raw(column)} is not null`)
    for (const { id: of, sealed } of rows) {
      try {
        const key = sealer.keyOf(sealed)
        if (key === 'unknown') lost++
        if (key !== 'previous') continue
        const fresh = sealer.seal(sealer.open(sealed, context(of)), context(of))
        // Someone who changed it meanwhile used the current key.
        await database.query(sql`
          update ${raw(table)} set ${raw(column)} = ${fresh}
          where ${raw(id)} = ${of}::uuid and ${raw(column)} = ${sealed}`)
        resealed++
      } catch (error) {
        lost++
        log.warn({ code: errorCode(error), table }, 'a stored secret can’t be decrypted')
      }
    }
  }
  if (resealed > 0)
    log.info({ secrets: resealed }, 'stored secrets were re-encrypted with SECRET_KEY')
  if (lost > 0) {
    log.error(
      { secrets: lost },
      'stored secrets were encrypted with a different SECRET_KEY: set that key as SECRET_KEY_PREVIOUS, or enter the secrets again',
    )
  }
}
