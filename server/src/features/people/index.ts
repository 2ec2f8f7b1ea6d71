import type { Database } from '@creatorflow/db/database'
import * as wire from '@creatorflow/shared/features/people'
import type { Bus } from '../../bus/bus.ts'
import { AppError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { announceEpoch } from '../../eventlog/publish.ts'
import type { Feature } from '../../http/feature.ts'
import { sendText } from '../../http/send-text.ts'
import { recordChange } from '../../identity/audit/record.ts'
import { findCreator } from '../../identity/creators/creators.ts'
import type { SourceKinds } from '../../sources/runtime/registry.ts'
import { erasePerson } from './erase-person.ts'
import { type ExportedLine, exportPerson } from './export-person.ts'
import { selectPeople } from './find-people.ts'
import { vacuumErased } from './vacuum-erased.ts'

/** The viewers and customers of a creator, and their right to be forgotten. */
export function createPeopleFeature({
  database,
  sourceKinds,
  bus,
  log,
}: {
  readonly database: Database
  readonly sourceKinds: SourceKinds
  readonly bus: Bus
  readonly log: Log
}): Feature {
  return {
    name: 'people',
    mount({ router, answer }) {
      answer(router, wire.findPeople, async ({ tenant, query }) => {
        const rows = await database.readAs(tenant, (read) => selectPeople(read, tenant, query.q))
        return {
          people: rows.map((row) => ({ ...row, seen_at: row.seen_at.toISOString() })),
        }
      })

      answer(router, wire.erasePerson, async ({ tenant, actor, params }) => {
        if (!(await findCreator(database, tenant))) {
          throw new AppError('not_found', `Creator "${tenant.creatorId}" not found.`)
        }
        const { raised, ...erased } = await erasePerson(
          database,
          tenant,
          params.user_id,
          sourceKinds,
          (tx) =>
            // Not who it was: that is what is forgotten.
            recordChange(tx, actor, { action: 'person.erased', creatorId: tenant.creatorId }),
        )
        if (raised) await announceEpoch(bus, tenant)
        // The person is erased whether or not the files are cleaned up at once.
        await vacuumErased(database, sourceKinds).catch((error: unknown) =>
          log.warn(
            { err: error },
            'erased rows remain in the database files until the next vacuum',
          ),
        )
        return erased
      })

      answer(router, wire.exportPerson, async ({ tenant, actor, params, response }) => {
        const { creatorId } = tenant
        if (!(await findCreator(database, tenant))) {
          throw new AppError('not_found', `Creator "${creatorId}" not found.`)
        }
        await recordChange(database, actor, {
          action: 'person.exported',
          creatorId,
          target: params.user_id,
        })
        const file = { name: 'person.ndjson', type: 'application/x-ndjson' }
        await sendText(response, file, asText(exportPerson(database, tenant, params.user_id)))
        return undefined
      })
    },
  }
}

async function* asText(lines: AsyncGenerator<ExportedLine>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`
}
