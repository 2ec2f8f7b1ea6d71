import type { Database } from '@creatorflow/db/database'
import type { Baselines } from '../../../baseline/baselines.ts'
import type { Log } from '../../../core/log.ts'
import { serverTenant } from '../../../core/rights/authorize.ts'
import type { Watch } from '../../../core/watch.ts'
import { seedDefaults } from '../rules/store.ts'
import { selectNow, selectUnseeded, selectWanted } from '../states/read.ts'
import { createDatabaseClock } from './clock.ts'
import { createEngine } from './engine.ts'
import { createKnowledge } from './knowledge.ts'
import { readGoals, readSourcesSeen, readsOf } from './shared-reads.ts'

export interface AlertWatchDeps {
  readonly database: Database
  readonly baselines: Baselines
  readonly maxSubjects: number
  readonly log: Log
  readonly told: (creatorId: string) => void
}

/** Looks at the rules of every creator who is on air, whether or not a screen watches. */
export function createAlertWatch({ database, baselines, log, ...deps }: AlertWatchDeps): Watch {
  const clock = createDatabaseClock()
  let revisions: ReadonlyMap<string, number> = new Map()
  let sources: Awaited<ReturnType<typeof readSourcesSeen>> = new Map()
  let goals: Awaited<ReturnType<typeof readGoals>> = new Map()

  async function seed(): Promise<void> {
    for (const { creator_id } of await selectUnseeded(database)) {
      await database.transaction((tx) => seedDefaults(tx, serverTenant(creator_id)))
    }
  }

  return {
    async creators() {
      const askedAt = performance.now()
      clock.beat(await selectNow(database), askedAt)
      await seed().catch((error: unknown) =>
        log.warn({ err: error }, 'failed to add default alert rules'),
      )
      const wanted = await selectWanted(database)
      revisions = new Map(wanted.map(({ creator_id, revision }) => [creator_id, revision]))
      const ids = [...revisions.keys()]
      sources = await readSourcesSeen(database, ids)
      goals = await readGoals(database, ids)
      return ids
    },
    begin(tenant) {
      const { creatorId } = tenant
      const known = createKnowledge({
        reads: readsOf(database, baselines, tenant),
        sources: () => sources.get(creatorId),
        goals: () => goals.get(creatorId),
      })
      const engine = createEngine(tenant, { ...deps, database, known, now: clock.now })
      return (sight) => {
        const revision = revisions.get(creatorId)
        if (revision !== undefined) return engine.look(sight, revision)
      }
    },
  }
}
