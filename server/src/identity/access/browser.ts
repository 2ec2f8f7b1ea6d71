import type { Database, Transaction } from '@creatorflow/db/database'
import type { Request, Response } from 'express'
import type { Config } from '../../core/config/config.ts'
import { actorOf, actorOfUser } from '../../core/rights/actor.ts'
import type { Principal } from '../../core/rights/principal.ts'
import { recordChange } from '../audit/record.ts'
import type { Access } from './access.ts'
import { signInCookie, signOutCookie } from './cookie.ts'
import type { KnownBrowsers } from './known-browser.ts'
import { endSignIns, type OpenedSignIn, openSignIn } from './sign-ins.ts'
import { shortUserAgent } from './user-agent.ts'

export type SignInMethod = 'password' | 'welcome' | 'invitation' | 'oidc'

/** The browser of a request that opens a sign-in. */
export interface Browser {
  /** Opens a sign-in, in the transaction that let the user in. */
  open(
    transaction: Transaction,
    request: Request,
    user: { readonly id: string; readonly name: string; readonly email: string },
    method: SignInMethod,
  ): Promise<OpenedSignIn & { readonly email: string }>
  /**
   * Gives the browser the token after its transaction was committed, and records it as known to that account.
   * Another open sign-in of this browser is ended.
   */
  keep(
    request: Request,
    response: Response,
    opened: OpenedSignIn & { readonly email?: string },
    before: Principal | null,
  ): Promise<void>
  forget(request: Request, response: Response): void
}

export interface BrowserDeps {
  readonly database: Database
  readonly access: Access
  readonly known: KnownBrowsers
  readonly config: Pick<Config, 'publicUrl'>
}

export function createBrowser({ database, access, known, config }: BrowserDeps): Browser {
  const isHttps = (request: Request) =>
    request.secure || (config.publicUrl?.startsWith('https:') ?? false)

  return {
    async open(transaction, request, user, method) {
      const userAgent = shortUserAgent(request.get('user-agent'))
      const address = request.ip ?? ''
      const opened = await openSignIn(transaction, { userId: user.id, address, userAgent })
      await recordChange(transaction, actorOfUser(user, address), {
        action: 'sign_in.opened',
        target: opened.id,
        details: { method, user_agent: userAgent },
      })
      return { ...opened, email: user.email }
    },
    async keep(request, response, { id, token, expiresAt, email }, before) {
      if (before?.kind === 'user' && before.signInId !== id) {
        const { userId, signInId } = before
        await database.transaction(async (transaction) => {
          await endSignIns(transaction, userId, { id: signInId })
          const actor = actorOf(before, request.ip)
          await recordChange(transaction, actor, { action: 'sign_in.ended', target: signInId })
        })
        await access.announce({ kind: 'sign_in', id: signInId, reason: 'signed_out' })
      }
      response.append('Set-Cookie', signInCookie(token, expiresAt, isHttps(request)))
      const cookie = email && known.cookieFor(request, email, isHttps(request))
      if (cookie) response.append('Set-Cookie', cookie)
    },
    forget(request, response) {
      response.append('Set-Cookie', signOutCookie(isHttps(request)))
    },
  }
}
