import type { Database, Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { actions } from '@creatorflow/shared/endpoint'
import * as wire from '@creatorflow/shared/features/access'
import { AppError } from '../../core/errors.ts'
import { isOwner, mayDo } from '../../core/rights/authorize.ts'
import type { UserPrincipal } from '../../core/rights/principal.ts'
import type { Routes } from '../../http/feature.ts'
import { recordChange } from '../audit/record.ts'
import { creatorsOf } from '../creators/creators.ts'
import type { Access } from './access.ts'
import type { Attempts } from './attempts.ts'
import type { Browser } from './browser.ts'
import type { PasswordHasher } from './password-hash.ts'
import { refuseGuessable } from './password-strength.ts'
import { endSignIns, listSignIns, rotateSignIn } from './sign-ins.ts'
import { recoveryCodesLeft, removeSecondFactor, type SecondFactor } from './totp.ts'
import { findUser, setPassword, type User } from './users.ts'

export interface MeDeps {
  readonly database: Database
  readonly access: Access
  readonly attempts: Attempts
  readonly browser: Browser
  readonly passwords: PasswordHasher
  readonly secondFactor: SecondFactor
}

/** Who am I, and what is mine to change: name, password, sign-ins, second factor. */
export function mountMe({ router, answer }: Routes, deps: MeDeps): void {
  const { database, access, attempts, browser, passwords, secondFactor } = deps

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
    const user = await confirmed(principal, body.current, request.ip)
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
    if (!ended) throw new AppError('not_found', 'There is no such sign-in of yours.')
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

  answer(router, wire.enrolTotp, async ({ principal, body, request }) => {
    const user = await confirmed(principal, body.password, request.ip)
    if (user.totp) {
      throw new AppError('conflict', 'The second factor is on: turn it off first to begin anew.')
    }
    return secondFactor.enrol(database, user)
  })

  answer(router, wire.confirmTotp, async ({ principal, actor, body, request, response }) => {
    const giveBack = await attempts.spend('sign_in', {
      address: request.ip,
      account: principal.email,
      browser: principal.signInId,
    })
    const { codes, opened } = await database.transaction(async (transaction) => {
      const user = await findUser(transaction, principal.userId)
      if (user?.totp) throw new AppError('conflict', 'The second factor is on already.')
      const codes = await secondFactor.confirm(transaction, principal.userId, body.code)
      if (!codes) {
        throw new AppError('invalid_input', 'This code is wrong: look whether the clocks agree.', {
          details: { fields: [{ path: 'code', message: 'is wrong' }] },
        })
      }
      await recordChange(transaction, actor, { action: 'totp.enabled', target: principal.email })
      return { codes, opened: await rotateSignIn(transaction, principal.signInId) }
    })
    await giveBack()
    await access.announce({ kind: 'user', id: principal.userId, reason: null })
    await browser.keep(request, response, opened, principal)
    return { recovery_codes: codes }
  })

  answer(router, wire.disableTotp, async ({ principal, actor, body, request }) => {
    const user = await confirmed(principal, body.password, request.ip)
    await database.transaction(async (transaction) => {
      await removeSecondFactor(transaction, user.id)
      await recordChange(transaction, actor, { action: 'totp.disabled', target: user.email })
    })
    return undefined
  })

  /** A browser that was left open must not be enough to take somebody's place. */
  async function confirmed(
    principal: UserPrincipal,
    password: string,
    address: string | undefined,
  ): Promise<User> {
    const giveBack = await attempts.spend('sign_in', {
      address,
      account: principal.email,
      browser: principal.signInId,
    })
    const user = await findUser(database, principal.userId)
    if (user && user.passwordHash === null) {
      throw new AppError('conflict', 'You have no password here: ask an owner for a reset link.')
    }
    if (!user || !(await passwords.verify(password, user.passwordHash))) {
      throw new AppError('forbidden', 'The password is wrong.')
    }
    await giveBack()
    return user
  }
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
