import {
  type Database,
  errorCode,
  type TenantRead,
  type Transaction,
} from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import {
  type Creator,
  changeCreator,
  createCreator,
  deleteCreator,
  exportCreator,
  getRecount,
  listCreators,
} from '@creatorflow/shared/features/creators'
import { isDemoId } from '@creatorflow/shared/reserved-ids'
import type { Bus } from '../../bus/bus.ts'
import type { Config } from '../../core/config/config.ts'
import { AppError } from '../../core/errors.ts'
import { announceEpoch } from '../../eventlog/publish.ts'
import type { Routes } from '../../http/feature.ts'
import { sendText } from '../../http/send-text.ts'
import type { Access } from '../../identity/access/access.ts'
import { recordChange } from '../../identity/audit/record.ts'
import {
  type CreatorRow,
  creatorsOf,
  cursorOf,
  deleteCreator as deleteWithData,
  findCreator,
  insertCreator,
  probeTimeZone,
} from '../../identity/creators/creators.ts'
import { readNotedChange, readRecounting } from '../../pipeline/recount-notes.ts'
import { changeSettings, recountBriefly } from '../../resettle/change-settings.ts'
import { sourcesChannel } from '../../sources/runtime/store.ts'
import { exportedLines } from './export-creator.ts'
import { readGrants } from './grants.ts'

const invalidParameter = '22023'

export interface CreatorDeps {
  readonly database: Database
  readonly bus: Bus
  readonly config: Pick<Config, 'recountAnswerMs'>
  readonly access: Pick<Access, 'announce'>
}

export function mountCreators(
  { router, answer }: Routes,
  { database, bus, access, config }: CreatorDeps,
): void {
  answer(router, listCreators, async ({ principal, query }) => {
    const rows = await creatorsOf(database, principal, query)
    const last = rows.length === query.limit ? rows.at(-1) : undefined
    return { creators: rows.map(toCreator), cursor: last ? cursorOf(last) : null }
  })

  answer(router, createCreator, async ({ body, actor }) => {
    await checkTimeZone(database, body.time_zone)
    const row = await database.transaction(async (transaction) => {
      const added = await insertCreator(transaction, body)
      if (!added) throw new AppError('conflict', `A creator "${body.id}" already exists.`)
      const { id: creatorId, ...details } = body
      await recordChange(transaction, actor, { action: 'creator.created', creatorId, details })
      return added
    })
    return toCreator(row)
  })

  answer(router, changeCreator, async ({ tenant, body, actor, response }) => {
    if (body.time_zone !== undefined) await checkTimeZone(database, body.time_zone)
    const record = (transaction: Transaction) =>
      recordChange(transaction, actor, {
        action: 'creator.changed',
        creatorId: tenant.creatorId,
        details: body,
      })
    const changed = await changeSettings(database, tenant, body, record)
    const isRecounted =
      changed?.isCounted && (await recountBriefly(database, tenant, config.recountAnswerMs))
    if (changed?.raised || isRecounted) await announceEpoch(bus, tenant)
    const recount = await database.readAs(tenant, (read) => readRecount(read, tenant))
    if (changed?.isCounted && recount.settings) response.status(202)
    return { ...toCreator(await known(tenant)), recounting: recount.recounting }
  })

  answer(router, getRecount, async ({ tenant }) => {
    await known(tenant)
    return database.readAs(tenant, (read) => readRecount(read, tenant))
  })

  answer(router, exportCreator, async ({ tenant, actor, response }) => {
    const { creatorId } = tenant
    await known(tenant)
    await recordChange(database, actor, { action: 'creator.exported', creatorId })
    const file = { name: `${creatorId}.ndjson`, type: 'application/x-ndjson' }
    await sendText(response, file, exportedLines(database, tenant))
    return undefined
  })

  answer(router, deleteCreator, async ({ tenant, actor, query }) => {
    const { creatorId } = tenant
    if (query.confirm !== creatorId) {
      throw new AppError('invalid_input', 'Repeat the creator’s ID in confirm to delete it.', {
        details: { fields: [{ path: 'confirm', message: 'must be the creator’s ID' }] },
      })
    }
    const { id, name, kind } = await known(tenant)
    if (kind === 'demo' && isDemoId(id)) {
      throw new AppError('conflict', 'This is the demo. End it instead of deleting its creator.')
    }
    const granted = await readGrants(database, tenant)
    await deleteWithData(database, tenant, (tx) =>
      recordChange(tx, actor, { action: 'creator.deleted', creatorId, details: { name } }),
    )
    await Promise.all([
      ...granted.keys.map((key) => access.announce({ kind: 'key', id: key, reason: 'revoked' })),
      ...granted.users.map((user) => access.announce({ kind: 'user', id: user, reason: null })),
      announceEpoch(bus, tenant),
      // Whoever holds one of its sources lets go of it.
      bus.publish(sourcesChannel, creatorId),
    ])
    return undefined
  })

  async function known(tenant: Tenant): Promise<CreatorRow> {
    const row = await findCreator(database, tenant)
    if (!row) throw new AppError('not_found', `Creator "${tenant.creatorId}" not found.`)
    return row
  }
}

/** A recount as a page shows it. */
async function readRecount(read: TenantRead, tenant: Tenant) {
  return {
    recounting: await readRecounting(read, tenant),
    settings: await readNotedChange(read, tenant),
  }
}

/** The days of a creator are computed in SQL as well as here: both must know the zone. */
async function checkTimeZone(database: Database, timeZone: string): Promise<void> {
  try {
    await probeTimeZone(database, timeZone)
  } catch (error) {
    if (errorCode(error) !== invalidParameter) throw error
    throw new AppError('invalid_input', 'The database doesn’t support this time zone.', {
      cause: error,
      details: { fields: [{ path: 'time_zone', message: 'is not supported by the database' }] },
    })
  }
}

function toCreator({ created_at, ...row }: CreatorRow): Creator {
  return { ...row, created_at: created_at.toISOString() }
}
