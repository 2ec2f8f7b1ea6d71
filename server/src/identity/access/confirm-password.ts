import { AppError } from '../../core/errors.ts'
import type { UserPrincipal } from '../../core/rights/principal.ts'
import type { MeDeps } from './deps.ts'
import { findUser, type User } from './users.ts'

/** An unattended browser must not be enough to take over an account. */
export async function confirmPassword(
  { database, attempts, passwords }: Pick<MeDeps, 'database' | 'attempts' | 'passwords'>,
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
    throw new AppError('conflict', 'You have no password here. Ask an owner for a reset link.')
  }
  if (!user || !(await passwords.verify(password, user.passwordHash))) {
    throw new AppError('forbidden', 'Wrong password.')
  }
  await giveBack()
  return user
}
