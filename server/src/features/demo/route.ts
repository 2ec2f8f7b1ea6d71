import type { Database, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { deleteDemo, getDemo, startDemo } from '@creatorflow/shared/features/demo'
import type { Bus } from '../../bus/bus.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import { announceEpoch } from '../../eventlog/publish.ts'
import type { Routes } from '../../http/feature.ts'
import { recordChange } from '../../identity/audit/record.ts'
import {
  deleteCreator,
  findDemoCreator,
  insertDemoCreator,
} from '../../identity/creators/creators.ts'
import type { DemoPlayer, RunningDemo } from './player.ts'

const demoCreator = { name: 'Demo shop', time_zone: 'UTC', currency: 'USD', locale: 'en' } as const

export function mountDemo(
  { router, answer }: Routes,
  { database, bus }: { readonly database: Database; readonly bus: Bus },
  player: DemoPlayer,
): void {
  answer(router, startDemo, async ({ actor }) => {
    const { creator, isNew } = await database.transaction(async (tx) => {
      await lockDemo(tx)
      const known = await findDemoCreator(tx)
      if (known) return { creator: known, isNew: false }
      const creator = await insertDemoCreator(tx, demoCreator)
      await recordChange(tx, actor, { action: 'creator.created', creatorId: creator.id })
      return { creator, isNew: true }
    })
    return shown(await player.start(creator, isNew))
  })

  answer(router, getDemo, async () => ({
    running: player.running !== null,
    creator_id: player.running?.creator_id ?? (await findDemoCreator(database))?.id ?? null,
    session_id: player.running?.session_id ?? null,
    ends_at: player.running && new Date(player.running.ends_at).toISOString(),
  }))

  answer(router, deleteDemo, async ({ actor }) => {
    await player.stop()
    const demo = await findDemoCreator(database)
    if (!demo) return undefined
    const tenant = serverTenant(demo.id)
    await deleteCreator(database, tenant, (tx) =>
      recordChange(tx, actor, { action: 'creator.deleted', creatorId: demo.id }),
    )
    await announceEpoch(bus, tenant)
    return undefined
  })
}

/** Two simultaneous starts must find one demo, not make two. */
async function lockDemo(tx: Transaction): Promise<void> {
  await tx.query(sql`select pg_advisory_xact_lock(hashtext('creatorflow demo creator'))`)
}

function shown({ creator_id, session_id, started_at, ends_at }: RunningDemo) {
  return {
    creator_id,
    session_id,
    started_at: new Date(started_at).toISOString(),
    ends_at: new Date(ends_at).toISOString(),
  }
}
