import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { actions } from '@creatorflow/shared/endpoint'
import * as wire from '@creatorflow/shared/features/access'
import { isOwner, mayDo } from '../../core/rights/authorize.ts'
import type { UserPrincipal } from '../../core/rights/principal.ts'
import type { Routes } from '../../http/feature.ts'
import { recordChange } from '../audit/record.ts'
import { creatorsOf } from '../creators/creators.ts'
import { confirmPassword } from './confirm-password.ts'
import type { MeDeps } from './deps.ts'
import { refuseGuessable } from './password-strength.ts'
import { rotateSignIn } from './sign-ins.ts'
import { recoveryCodesLeft } from './totp.ts'
import { findUser, setPassword } from './users.ts'

/** Who am I, and what I can change: name and password. */
export function mountMe({ router, answer }: Routes, deps: MeDeps): void {
  const { database, access, browser, passwords } = deps

  answer(router, wire.me, async ({ principal }) => {
    const creators = await creatorsOf(database, principal)
    return {
      kind: principal.kind,
      local_owner: principal.kind === 'owner',
      owner: isOwner(principal),
      user: principal.kind === 'user' ? await shownUser(database, principal) : null,
      key: principal.kind === 'key' ? { id: principal.keyId, scopes: [...principal.scopes] } : null,
      creators: creators.map(({ id, name }) => ({
        id,
        name,
        actions: actions.filter((action) => mayDo(principal, action, id)),
      })),
    }
  })

  answer(router, wire.changeMe, async ({ principal, actor, body }) => {
    await database.transaction(async (transaction) => {
      await transaction.query(
        sql`update users set name = ${body.name} where id = ${principal.userId}::uuid`,
      )
      await recordChange(transaction, actor, {
        action: 'user.changed',
        target: principal.email,
        details: { name: body.name },
      })
    })
    await access.announce({ kind: 'user', id: principal.userId, reason: null })
    return undefined
  })

  answer(router, wire.changePassword, async ({ principal, actor, body, request, response }) => {
    const user = await confirmPassword(deps, principal, body.current, request.ip)
    await refuseGuessable(body.password, user)
    const hash = await passwords.hash(body.password)
    const opened = await database.transaction(async (transaction) => {
      await setPassword(transaction, user.id, hash, principal.signInId)
      await recordChange(transaction, actor, { action: 'password.changed', target: user.email })
      return rotateSignIn(transaction, principal.signInId)
    })
    await access.announce({ kind: 'user', id: user.id, reason: null })
    await browser.keep(request, response, opened, principal)
    return { expires_at: opened.expiresAt.toISOString() }
  })
}

async function shownUser(database: Queryable, { userId, email, name }: UserPrincipal) {
  const user = await findUser(database, userId)
  return {
    id: userId,
    email,
    name,
    has_password: user?.passwordHash != null,
    totp: user?.totp ?? false,
    recovery_codes_left: await recoveryCodesLeft(database, userId),
  }
}
