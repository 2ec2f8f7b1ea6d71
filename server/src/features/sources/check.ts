import type { Database } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Config } from '../../core/config/config.ts'
import { AppError } from '../../core/errors.ts'
import type { Sealer } from '../../core/seal.ts'
import { CHECKED } from '../../sources/runtime/checks.ts'
import { type SourceKinds, webhookPath } from '../../sources/runtime/registry.ts'
import { readSource, type SourceHealthRow, writeCursor } from '../../sources/runtime/store.ts'
import { knownSecrets } from './finish-authorization.ts'

/** A person waits for all steps together this long. */
const CHECK_MS = 30_000

/** Tests each step of connecting a source, and keeps the results for its page. */
export function createCheck({
  database,
  sealer,
  sourceKinds,
  config,
}: {
  readonly database: Database
  readonly sealer: Sealer
  readonly sourceKinds: SourceKinds
  readonly config: Pick<Config, 'publicUrl'>
}) {
  return async (tenant: Tenant, sourceId: string): Promise<SourceHealthRow> => {
    const source = found(await readSource(database, tenant, sourceId))
    const definition = sourceKinds.get(source.kind)
    if (!definition?.check) {
      throw new AppError('invalid_input', 'This type of source has no steps to check.')
    }
    const path = webhookPath(sourceKinds, source.kind, source.id)
    const { publicUrl } = config
    const steps = await definition.check({
      source,
      secrets: await knownSecrets(database, sealer, source.id),
      config,
      webhookUrl: path !== null && publicUrl?.startsWith('https:') ? publicUrl + path : null,
      received: source.messages,
      signal: AbortSignal.timeout(CHECK_MS),
    })
    await writeCursor(database, source.id, { [CHECKED]: { at: new Date().toISOString(), steps } })
    return found(await readSource(database, tenant, sourceId))
  }
}

function found(row: SourceHealthRow | undefined): SourceHealthRow {
  if (!row) throw new AppError('not_found', 'Source not found.')
  return row
}
