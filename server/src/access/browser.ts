import type { Transaction } from '@creatorflow/db/database'
import type { Request, Response } from 'express'
import { actorOfUser, recordChange } from '../audit/record.ts'
import type { Config } from '../config.ts'
import { signInCookie, signOutCookie } from './cookie.ts'
import type { Principal } from './principal.ts'
import { endSignIns, type OpenedSignIn, openSignIn } from './sign-ins.ts'
import { shortUserAgent } from './user-agent.ts'

export type SignInMethod = 'password' | 'welcome' | 'invitation' | 'oidc'

/** The browser of a request, which a sign-in is opened in. */
export interface Browser {
  /** Opens a sign-in, in the transaction that let the user in. The one that was open here is not left behind. */
  open(
    transaction: Transaction,
    request: Request,
    user: { readonly id: string; readonly name: string },
    method: SignInMethod,
    before: Principal | null,
  ): Promise<OpenedSignIn>
  /** Gives the browser the token, once its transaction was committed. */
  keep(request: Request, response: Response, opened: OpenedSignIn): void
  forget(request: Request, response: Response): void
}

export function createBrowser(config: Pick<Config, 'publicUrl'>): Browser {
  const isHttps = (request: Request) =>
    request.secure || (config.publicUrl?.startsWith('https:') ?? false)

  return {
    async open(transaction, request, user, method, before) {
      if (before?.kind === 'user') {
        await endSignIns(transaction, before.userId, { id: before.signInId })
      }
      const userAgent = shortUserAgent(request.get('user-agent'))
      const address = request.ip ?? ''
      const opened = await openSignIn(transaction, { userId: user.id, address, userAgent })
      await recordChange(transaction, actorOfUser(user, address), {
        action: 'sign_in.opened',
        target: opened.id,
        details: { method, user_agent: userAgent },
      })
      return opened
    },
    keep(request, response, { token, expiresAt }) {
      response.append('Set-Cookie', signInCookie(token, expiresAt, isHttps(request)))
    },
    forget(request, response) {
      response.append('Set-Cookie', signOutCookie(isHttps(request)))
    },
  }
}
