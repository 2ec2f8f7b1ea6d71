import { isDeepStrictEqual } from 'node:util'
import type { Database, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { newRule, type RuleBody, type RuleChanges } from '@creatorflow/shared/alerts/rule'
import { end } from '@creatorflow/shared/alerts/step'
import { AppError } from '../../../core/errors.ts'
import type { Actor } from '../../../core/rights/actor.ts'
import { recordChange } from '../../../identity/audit/record.ts'
import { commitMoves } from '../states/commit.ts'
import { selectNow, selectStates } from '../states/read.ts'
import {
  insertRules,
  isSeeded,
  lockRules,
  markDeleted,
  markRestored,
  type RuleRow,
  ruleOf,
  seedDefaults,
  selectRule,
  updateRule,
} from './store.ts'

export interface ChangesDeps {
  readonly database: Database
  readonly maxRules: number
}

/** Changes by an owner; each is in the audit log, in the same transaction. */
export function createRuleChanges({ database, maxRules }: ChangesDeps) {
  return {
    add(tenant: Tenant, actor: Actor, body: RuleBody): Promise<RuleRow> {
      return database.transaction(async (tx) => {
        if (!(await isSeeded(tx, tenant))) await seedDefaults(tx, tenant)
        const next = await lockForOneMore(tx, tenant, maxRules)
        const [row] = await insertRules(tx, tenant, next, [{ body, origin: null }])
        if (!row) throw new Error('an insert returned no row')
        await recordChange(tx, actor, {
          action: 'alert_rule.added',
          creatorId: tenant.creatorId,
          target: row.id,
          details: { name: body.name },
        })
        return row
      })
    },

    change(tenant: Tenant, actor: Actor, id: string, changes: RuleChanges): Promise<RuleRow> {
      return database.transaction(async (tx) => {
        const { before, next } = await lockRule(tx, tenant, id)
        const body = newRule.parse({ ...before.body, ...changes })
        if (!body.enabled || decidesOtherwise(before.body, body)) {
          await endEpisodes(tx, tenant, before)
        }
        const row = await updateRule(tx, tenant, id, next, body)
        await recordChange(tx, actor, {
          action: 'alert_rule.changed',
          creatorId: tenant.creatorId,
          target: id,
          details: { name: before.body.name, changed: Object.keys(changes).sort() },
        })
        return row
      })
    },

    remove(tenant: Tenant, actor: Actor, id: string): Promise<void> {
      return database.transaction(async (tx) => {
        const { before, next } = await lockRule(tx, tenant, id)
        await endEpisodes(tx, tenant, before)
        await markDeleted(tx, tenant, id, next)
        await recordChange(tx, actor, {
          action: 'alert_rule.deleted',
          creatorId: tenant.creatorId,
          target: id,
          details: { name: before.body.name },
        })
      })
    },

    /** Brings a deleted rule back as it was: same ID, same history. */
    restore(tenant: Tenant, actor: Actor, id: string): Promise<RuleRow> {
      return database.transaction(async (tx) => {
        const next = await lockForOneMore(tx, tenant, maxRules)
        const row = await markRestored(tx, tenant, id, next)
        if (!row) throw new AppError('not_found', 'There is no deleted alert rule of that ID.')
        await recordChange(tx, actor, {
          action: 'alert_rule.restored',
          creatorId: tenant.creatorId,
          target: id,
          details: { name: row.body.name },
        })
        return row
      })
    },
  }
}

/** The next revision, where there is room for one rule more. */
async function lockForOneMore(tx: Transaction, tenant: Tenant, most: number): Promise<number> {
  const locked = await lockRules(tx, tenant)
  if (!locked) throw new AppError('not_found', 'Creator not found.')
  if (locked.count >= most) {
    throw new AppError(
      'conflict',
      `A creator can have at most ${most} alert rules. Delete one first.`,
    )
  }
  return locked.next
}

async function lockRule(tx: Transaction, tenant: Tenant, id: string) {
  const locked = await lockRules(tx, tenant)
  const before = locked && (await selectRule(tx, tenant, id))
  if (!locked || !before) throw new AppError('not_found', 'Alert rule not found.')
  return { before, next: locked.next }
}

/** Whether what was decided under the old rule says nothing under the new one. */
function decidesOtherwise(before: RuleBody, after: RuleBody): boolean {
  const decisive = ({ condition, for_seconds, minimum_sample, only_live }: RuleBody) => ({
    condition,
    for_seconds,
    minimum_sample,
    only_live,
  })
  return !isDeepStrictEqual(decisive(before), decisive(after))
}

/** Ends what is on, tells it, and forgets what was measured. */
async function endEpisodes(tx: Transaction, tenant: Tenant, row: RuleRow): Promise<void> {
  const now = await selectNow(tx)
  const states = await selectStates(tx, tenant, row.id)
  const moves = states
    .filter(({ held }) => held.state.phase !== 'normal')
    .map(({ held, version }) => {
      const { state, transition } = end(held.state, now, { kind: 'over', what: 'rule' })
      const { session_id, subject } = held
      const outcome = {
        before: held,
        held: { session_id, subject, state },
        ...(transition && { transition }),
      }
      return { rule: ruleOf(row), revision: row.revision, outcome, version }
    })
  const [creator] = await tx.query<{ time_zone: string }>(sql`
    select time_zone from creators where id = ${tenant.creatorId}`)
  if (moves.length > 0) await commitMoves(tx, tenant, creator?.time_zone ?? 'UTC', moves)
  await tx.query(sql`
    update alert_states set state = state - 'memory', version = version + 1
    where creator_id = ${tenant.creatorId} and rule_id = ${row.id}::uuid`)
}
