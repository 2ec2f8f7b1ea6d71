import { randomUUID } from 'node:crypto'
import type { Database } from '@creatorflow/db/database'
import type { HeldRole } from '../src/core/rights/principal.ts'
import { createPasswordHasher } from '../src/identity/access/password-hash.ts'
import { openSignIn } from '../src/identity/access/sign-ins.ts'
import { insertUser, setRole } from '../src/identity/access/users.ts'

export interface TestUser {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly signInId: string
  /** What the user's browser sends. */
  readonly cookie: string
}

export interface UserOptions {
  readonly email?: string
  /** Hashed, which takes time; without it the user exists but cannot sign in. */
  readonly password?: string
  readonly roles?: readonly HeldRole[]
}

export const password = 'vier blaue Fahrraeder'
let made = 0
let hashed: Promise<string> | undefined

/** A signed-in user for one test. */
export async function newUser(database: Database, options: UserOptions = {}): Promise<TestUser> {
  made += 1
  const { email = `user-${made}-${randomUUID().slice(0, 8)}@example.com`, roles = [] } = options
  hashed ??= createPasswordHasher().hash(password)
  const passwordHash = options.password === password ? await hashed : null
  const user = await insertUser(database, { email, name: `User ${made}`, passwordHash })
  if (!user) throw new Error(`${email} is taken`)
  for (const { creatorId, role } of roles) await setRole(database, user.id, creatorId, role)
  return { ...user, ...(await signedIn(database, user.id)) }
}

/** One more browser of a user. */
export async function signedIn(
  database: Database,
  userId: string,
): Promise<{ signInId: string; cookie: string }> {
  const from = { address: '192.0.2.7', userAgent: 'Firefox on Linux' }
  const { id, token } = await openSignIn(database, { userId, ...from })
  return { signInId: id, cookie: `cf_sign_in=${token}` }
}

/** The cookie an answer sets, as the browser sends it back. */
export function cookieIn(headers: { readonly 'set-cookie'?: string[] | undefined }): string {
  const set = headers['set-cookie']?.find((text) => text.includes('cf_sign_in='))
  if (!set) throw new Error('the answer sets no cookie')
  return set.split(';')[0] ?? ''
}
