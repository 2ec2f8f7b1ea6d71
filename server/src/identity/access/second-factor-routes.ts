import * as wire from '@creatorflow/shared/features/access'
import { AppError } from '../../core/errors.ts'
import type { Routes } from '../../http/feature.ts'
import { recordChange } from '../audit/record.ts'
import { confirmPassword } from './confirm-password.ts'
import type { MeDeps } from './deps.ts'
import { rotateSignIn } from './sign-ins.ts'
import { removeSecondFactor } from './totp.ts'
import { findUser } from './users.ts'

/** Turning my second factor on and off. */
export function mountSecondFactor({ router, answer }: Routes, deps: MeDeps): void {
  const { database, access, attempts, browser, secondFactor } = deps

  answer(router, wire.enrolTotp, async ({ principal, body, request }) => {
    const user = await confirmPassword(deps, principal, body.password, request.ip)
    if (user.totp) {
      throw new AppError(
        'conflict',
        'Two-factor authentication is already on. Turn it off first to set it up again.',
      )
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
      if (user?.totp) throw new AppError('conflict', 'Two-factor authentication is already on.')
      const codes = await secondFactor.confirm(transaction, principal.userId, body.code)
      if (!codes) {
        throw new AppError('invalid_input', 'Wrong code. Check that your phone’s clock is right.', {
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
    const user = await confirmPassword(deps, principal, body.password, request.ip)
    await database.transaction(async (transaction) => {
      await removeSecondFactor(transaction, user.id)
      await recordChange(transaction, actor, { action: 'totp.disabled', target: user.email })
    })
    return undefined
  })
}
