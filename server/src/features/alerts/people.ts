import type { Database } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Episode, Silence } from '@creatorflow/shared/features/alerts'
import { AppError } from '../../core/errors.ts'
import type { Actor } from '../../core/rights/actor.ts'
import { recordChange } from '../../identity/audit/record.ts'
import { acknowledge, selectEpisode } from './episodes.ts'
import { selectRule } from './rules/store.ts'
import { deleteSilence, insertSilence } from './silences.ts'

/** What an operator does about alerts; each is in the audit log, in the same transaction. */
export function createAnswers(database: Database) {
  return {
    acknowledge(tenant: Tenant, actor: Actor, id: string): Promise<Episode> {
      return database.transaction(async (tx) => {
        const isFirst = await acknowledge(tx, tenant, id, actor.name)
        const episode = await selectEpisode(tx, tenant, id)
        if (!episode) throw new AppError('not_found', 'Alert not found.')
        if (isFirst) {
          await recordChange(tx, actor, {
            action: 'alert.acknowledged',
            creatorId: tenant.creatorId,
            target: id,
            details: { name: episode.rule_name },
          })
        }
        return episode
      })
    },

    silence(
      tenant: Tenant,
      actor: Actor,
      wanted: { rule_id: string | null; minutes: number },
    ): Promise<Silence> {
      const { rule_id, minutes } = wanted
      return database.transaction(async (tx) => {
        const rule = rule_id === null ? null : await selectRule(tx, tenant, rule_id)
        if (rule === undefined) throw new AppError('not_found', 'Alert rule not found.')
        const silence = await insertSilence(tx, tenant, { ...wanted, by: actor.name })
        await recordChange(tx, actor, {
          action: 'alert.silenced',
          creatorId: tenant.creatorId,
          target: silence.id,
          details: { name: rule?.body.name ?? null, minutes },
        })
        return silence
      })
    },

    endSilence(tenant: Tenant, actor: Actor, id: string): Promise<void> {
      return database.transaction(async (tx) => {
        if (!(await deleteSilence(tx, tenant, id))) {
          throw new AppError('not_found', 'Silence not found.')
        }
        await recordChange(tx, actor, {
          action: 'alert.silence_ended',
          creatorId: tenant.creatorId,
          target: id,
        })
      })
    },
  }
}
