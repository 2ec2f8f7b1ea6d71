import * as wire from '@creatorflow/shared/features/access'
import { AppError } from '../../core/errors.ts'
import type { Routes } from '../../http/feature.ts'
import { recordChange } from '../audit/record.ts'
import type { MeDeps } from './deps.ts'
import { endSignIns, listSignIns } from './sign-ins.ts'

/** Where I am signed in, and signing out elsewhere. */
export function mountOwnSignIns(
  { router, answer }: Routes,
  { database, access }: Pick<MeDeps, 'database' | 'access'>,
): void {
  answer(router, wire.listSignIns, async ({ principal }) => {
    const rows = await listSignIns(database, principal.userId)
    return {
      sign_ins: rows.map(({ created_at, seen_at, expires_at, ...row }) => ({
        ...row,
        created_at: created_at.toISOString(),
        seen_at: seen_at.toISOString(),
        expires_at: expires_at.toISOString(),
        current: row.id === principal.signInId,
      })),
    }
  })

  answer(router, wire.revokeSignIn, async ({ principal, actor, params }) => {
    const [ended] = await database.transaction(async (transaction) => {
      const ids = await endSignIns(transaction, principal.userId, params)
      for (const target of ids) {
        await recordChange(transaction, actor, { action: 'sign_in.ended', target })
      }
      return ids
    })
    if (!ended) throw new AppError('not_found', 'Sign-in not found.')
    await access.announce({ kind: 'sign_in', id: ended, reason: 'revoked' })
    return undefined
  })

  answer(router, wire.revokeOtherSignIns, async ({ principal, actor }) => {
    const ended = await database.transaction(async (transaction) => {
      const ids = await endSignIns(transaction, principal.userId, { allBut: principal.signInId })
      for (const target of ids) {
        await recordChange(transaction, actor, { action: 'sign_in.ended', target })
      }
      return ids
    })
    for (const id of ended) await access.announce({ kind: 'sign_in', id, reason: 'revoked' })
    return { ended: ended.length }
  })
}
