import type { Database } from '@creatorflow/db/database'
import { DEMO_CREATOR, deleteDemo, getDemo, startDemo } from '@creatorflow/shared/features/demo'
import { serverTenant } from '../../access/authorize.ts'
import { recordChange } from '../../audit/record.ts'
import type { Bus } from '../../bus/bus.ts'
import { deleteCreator, findCreator, insertCreator } from '../../creators/creators.ts'
import type { Routes } from '../../http/feature.ts'
import { announceEpoch } from '../../pipeline/publish.ts'
import type { DemoPlayer, RunningDemo } from './player.ts'

const demoCreator = {
  id: DEMO_CREATOR,
  name: 'Demo shop',
  time_zone: 'UTC',
  currency: 'USD',
  locale: 'en',
  kind: 'demo',
} as const

export function mountDemo(
  { router, answer }: Routes,
  { database, bus }: { readonly database: Database; readonly bus: Bus },
  player: DemoPlayer,
): void {
  const tenant = serverTenant(DEMO_CREATOR)

  answer(router, startDemo, async ({ actor }) => {
    const isNew = await database.transaction(async (tx) => {
      const added = await insertCreator(tx, demoCreator)
      if (!added) return false
      await recordChange(tx, actor, { action: 'creator.created', creatorId: DEMO_CREATOR })
      return true
    })
    const creator = await findCreator(database, tenant)
    return shown(player.start(creator ?? demoCreator, isNew))
  })

  answer(router, getDemo, () => ({
    running: player.running !== null,
    creator_id: DEMO_CREATOR,
    session_id: player.running?.session_id ?? null,
    ends_at: player.running && new Date(player.running.ends_at).toISOString(),
  }))

  answer(router, deleteDemo, async ({ actor }) => {
    await player.stop()
    await deleteCreator(database, tenant, (tx) =>
      recordChange(tx, actor, { action: 'creator.deleted', creatorId: DEMO_CREATOR }),
    )
    await announceEpoch(bus, tenant)
    return undefined
  })
}

function shown({ session_id, started_at, ends_at }: RunningDemo) {
  return {
    creator_id: DEMO_CREATOR,
    session_id,
    started_at: new Date(started_at).toISOString(),
    ends_at: new Date(ends_at).toISOString(),
  }
}
