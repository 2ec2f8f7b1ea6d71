import type { Tenant } from '@creatorflow/db/tenant'
import * as wire from '@creatorflow/shared/features/sources'
import { AppError } from '../../core/errors.ts'
import type { Actor } from '../../core/rights/actor.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import type { Principal } from '../../core/rights/principal.ts'
import type { Routes } from '../../http/feature.ts'
import { cookieOf } from '../../identity/access/cookie.ts'
import { ATTEMPT_MS, type Attempt } from '../../sources/runtime/authorization.ts'
import { type Account, AuthorizationError } from '../../sources/runtime/oauth.ts'
import type { Secrets } from '../../sources/runtime/source.ts'
import type { AuthorizationCookies } from './authorization-cookies.ts'
import { connectAccount } from './connect-account.ts'
import {
  type AuthorizationDeps,
  codeOf,
  createExchange,
  EXCHANGE_MS,
} from './finish-authorization.ts'

/** What a browser holds while a person chooses one of several accounts. */
interface Choice {
  readonly kind: string
  readonly creatorId: string
  readonly userId: string | null
  readonly secrets: Secrets
  /** Epoch ms. */
  readonly until: number
}

/** Connects new sources whose account is learned at the service: at once, or after a choice of several. */
export function createConnecting(deps: AuthorizationDeps) {
  const { sourceKinds, config, announce } = deps
  const exchange = createExchange(deps)

  /** Completes an authorization for a new source. */
  async function finish(
    attempt: Attempt,
    entered: Secrets,
    verifier: string,
    actor: Actor,
    query: Readonly<Record<string, unknown>>,
    cookies: AuthorizationCookies,
  ): Promise<{ readonly outcome: wire.AuthorizationOutcome; readonly cookie?: string }> {
    const read = codeOf(attempt, query)
    if ('outcome' in read) return read
    const { kind, creatorId, userId } = attempt
    const given = await exchange(attempt, { secrets: entered, verifier, code: read.code, query })
    if ('outcome' in given) return given
    const accounts = await accountsOf(kind, { ...entered, ...given.secrets })
    if ('outcome' in accounts) return accounts
    // What an earlier source had of another app goes.
    const own = sourceKinds.get(kind)?.oauth?.connect?.fields ?? []
    const none = Object.fromEntries(own.map((field) => [field, '']))
    const secrets = { ...none, ...entered, ...given.secrets }
    const [only, ...others] = accounts.all
    if (!only) return { outcome: 'no_account' }
    if (others.length === 0) {
      return { outcome: await connect(serverTenant(creatorId), actor, kind, only, secrets) }
    }
    const choice: Choice = { kind, creatorId, userId, secrets, until: Date.now() + ATTEMPT_MS }
    return { outcome: 'choose', cookie: cookies.keepChoice(creatorId, choice, ATTEMPT_MS / 1_000) }
  }

  async function accountsOf(
    kind: string,
    secrets: Secrets,
  ): Promise<{ all: readonly Account[] } | { outcome: wire.AuthorizationOutcome }> {
    try {
      const signal = AbortSignal.timeout(EXCHANGE_MS)
      const all = await sourceKinds.get(kind)?.oauth?.connect?.accounts({ secrets, config, signal })
      return { all: all ?? [] }
    } catch (error) {
      if (error instanceof AuthorizationError) return { outcome: error.outcome }
      throw error
    }
  }

  async function connect(
    tenant: Tenant,
    actor: Actor,
    kind: string,
    account: Account,
    secrets: Secrets,
  ): Promise<wire.AuthorizationOutcome> {
    try {
      await connectAccount(deps, tenant, actor, kind, account, secrets)
    } catch (error) {
      if (error instanceof AppError && error.code === 'conflict') return 'taken'
      if (error instanceof AppError && error.code === 'too_many') return 'too_many'
      throw error
    }
    announce(tenant)
    return 'connected'
  }

  return { finish, accountsOf }
}

/** Mounts the choice of one of several accounts, by whoever just authorized them in this browser. */
export function mountChoice(
  { router, answer }: Routes,
  deps: AuthorizationDeps,
  { accountsOf }: ReturnType<typeof createConnecting>,
  cookies: AuthorizationCookies,
): void {
  const { announce, toSource } = deps

  /** What this person authorized in this browser for this creator, minutes ago. */
  function choiceOf(
    { creatorId }: Tenant,
    principal: Principal | null,
    headers: Parameters<typeof cookieOf>[0],
  ): Choice {
    const value = cookieOf(headers, cookies.choiceName)
    // Safe: sealed by `finish`.
    const choice = value ? (cookies.opened(value) as Choice | undefined) : undefined
    const userId = principal?.kind === 'user' ? principal.userId : null
    const isOwn = choice?.creatorId === creatorId && choice.userId === userId
    if (!isOwn || !(choice.until > Date.now())) {
      throw new AppError('not_found', 'There is nothing to choose from. Connect it again.')
    }
    return choice
  }

  async function authorized(choice: Choice): Promise<readonly Account[]> {
    const accounts = await accountsOf(choice.kind, choice.secrets)
    if ('all' in accounts) return accounts.all
    throw new AppError('unavailable', 'The service isn’t responding. Try again in a minute.', {
      retryAfterMs: 10_000,
    })
  }

  answer(router, wire.listAuthorizedAccounts, async ({ tenant, principal, request }) => {
    const choice = choiceOf(tenant, principal, request.headers)
    const accounts = await authorized(choice)
    return {
      kind: choice.kind,
      accounts: accounts.map(({ account, name, region }) => ({ account, name, region })),
    }
  })

  answer(
    router,
    wire.chooseAuthorizedAccount,
    async ({ tenant, principal, actor, body, request, response }) => {
      const choice = choiceOf(tenant, principal, request.headers)
      const accounts = await authorized(choice)
      const account = accounts.find((one) => one.account === body.account)
      if (!account) throw new AppError('invalid_input', 'This account was not authorized.')
      const row = await connectAccount(deps, tenant, actor, choice.kind, account, choice.secrets)
      response.append('Set-Cookie', cookies.clearChoice(tenant.creatorId))
      announce(tenant)
      return toSource(row)
    },
  )
}
