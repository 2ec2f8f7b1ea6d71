import type { Database } from '@creatorflow/db/database'
import type { Request } from 'express'
import { AppError } from '../../core/errors.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import type { Access } from '../access/access.ts'
import type { Attempts } from '../access/attempts.ts'
import type { Browser } from '../access/browser.ts'
import type { PasswordHasher } from '../access/password-hash.ts'
import { findCreator } from '../creators/creators.ts'
import type { Mail } from '../mail/mail.ts'

export interface TeamDeps {
  readonly database: Database
  readonly access: Access
  readonly attempts: Attempts
  readonly browser: Browser
  readonly passwords: PasswordHasher
  readonly letters: Mail | null
  readonly publicUrl: string | undefined
}

/** Name of an existing creator; null means all. */
export async function nameOfPlace(database: Database, creatorId: string | null): Promise<string> {
  if (creatorId === null) return 'all creators'
  const creator = await findCreator(database, serverTenant(creatorId))
  if (!creator) throw new AppError('not_found', `Creator "${creatorId}" not found.`)
  return creator.name
}

/** Base of links: the inviter's own page if the configuration does not say. */
export function baseOf({ publicUrl }: TeamDeps, request: Request): string {
  return publicUrl ?? `${request.protocol}://${request.get('host')}`
}

/** Makes every node check a user's rights again. */
export function announceUser(access: Pick<Access, 'announce'>, id: string): Promise<void> {
  return access.announce({ kind: 'user', id, reason: null })
}
