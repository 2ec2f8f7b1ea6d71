import type { Database } from '@creatorflow/db/database'
import type { Bus } from '../../bus/bus.ts'
import type { Config } from '../../core/config/config.ts'
import { AppError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { type Caller, isLocalOwner, isLoopback } from '../../core/rights/local-owner.ts'
import { type Authentication, owner } from '../../core/rights/principal.ts'
import type { Authenticate, Incoming } from '../../http/authenticate.ts'
import { createApiKeyVerifier } from './api-keys.ts'
import { type AccessChange, createAccessChanges } from './changes.ts'
import { signInTokenOf } from './cookie.ts'
import { originFits } from './origin.ts'
import { createSignInLookup, type KnownSignIn } from './sign-ins.ts'

export interface AccessDeps {
  readonly database: Database
  readonly bus: Bus
  readonly config: Pick<Config, 'host' | 'publicUrl' | 'allowedOrigins'>
  readonly log: Log
}

export interface Access extends Authenticate, AsyncDisposable {
  /** Whether the person at this machine is the owner without a sign-in. */
  readonly hasLocalOwner: boolean
  /** The same for a socket: `auth.token` (an API key), cookie, or local owner. */
  authenticateSocket(handshake: { request: Incoming; auth: unknown }): Promise<Authentication>
  /** The current rights of someone admitted earlier, null if they may not be here; at most 5 s old. */
  recheck(authentication: Authentication): Promise<Authentication | null>
  /** Called after each committed change of a key, a sign-in, a role or a password. */
  announce(change: AccessChange): Promise<void>
  /** Called on each change on any node, after everything cached here was dropped. */
  onChange(listener: (change: AccessChange) => void): () => void
}

/** Everything about who is asking. `authorize` decides what they may do. */
export async function createAccess({ database, bus, config, log }: AccessDeps): Promise<Access> {
  const apiKeys = createApiKeyVerifier(database)
  const signIns = createSignInLookup(database)
  const changes = await createAccessChanges(bus, log)
  const httpsOnly = config.publicUrl?.startsWith('https:') ?? false
  // A database server implies other users who can reach this one: there everyone signs in.
  const hasLocalOwner = database.edition === 'embedded' && isLoopback(config.host)
  changes.onChange(({ kind, id }) => {
    if (kind === 'key') apiKeys.forget(id)
    else signIns.clear()
  })

  async function withKey(key: string): Promise<Authentication> {
    const known = await apiKeys.verify(key)
    if (!known) throw new AppError('unauthorized', 'The API key is not valid.')
    return { ...known, credential: { kind: 'api-key' } }
  }

  async function withoutKey(request: Incoming): Promise<Authentication | null> {
    if (hasLocalOwner && isLocalOwner(config.host, callerOf(request))) {
      return {
        principal: owner,
        credential: { kind: 'local' },
        expiresAt: Number.POSITIVE_INFINITY,
      }
    }
    const token = signInTokenOf(request.headers, httpsOnly)
    return token === null ? null : signedIn(await signIns.byToken(token))
  }

  return {
    hasLocalOwner,

    async authenticate(request) {
      const { authorization } = request.headers
      if (authorization === undefined) return withoutKey(request)
      const key = /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
      if (!key) throw new AppError('unauthorized', 'Send the API key as "Authorization: Bearer …".')
      return withKey(key)
    },

    async authenticateSocket({ request, auth }) {
      const token = tokenOf(auth)
      const authentication = token === null ? await withoutKey(request) : await withKey(token)
      if (!authentication) throw new AppError('unauthorized', 'Sign in first, or send an API key.')
      if (authentication.credential.kind === 'sign-in') checkPage(request)
      return authentication
    },

    async recheck(authentication) {
      const { principal, credential } = authentication
      if (principal.kind === 'owner') return authentication
      if (principal.kind === 'user') return signedIn(await signIns.byId(principal.signInId))
      const known = await apiKeys.current(principal.keyId)
      return known && { ...known, credential }
    },

    checkOrigin(request, authentication) {
      // A key is sent on purpose, and the local owner's page was already checked.
      const kind = authentication?.credential.kind
      if (kind !== 'api-key' && kind !== 'local') checkPage(request)
    },

    announce: changes.announce,
    onChange: changes.onChange,
    [Symbol.asyncDispose]: () => changes[Symbol.asyncDispose](),
  }

  function checkPage(request: Incoming) {
    if (!originFits(request.headers, config)) {
      throw new AppError(
        'forbidden',
        'This request came from another origin. To allow it, add the origin to ALLOWED_ORIGINS.',
      )
    }
  }
}

function signedIn(known: KnownSignIn | null): Authentication | null {
  return known && { ...known, credential: { kind: 'sign-in' } }
}

function callerOf({ headers, socket }: Incoming): Caller {
  return { headers, localPort: socket.localPort, remoteAddress: socket.remoteAddress }
}

function tokenOf(auth: unknown): string | null {
  if (typeof auth !== 'object' || auth === null || !('token' in auth)) return null
  if (auth.token === undefined || auth.token === null) return null
  if (typeof auth.token !== 'string')
    throw new AppError('unauthorized', 'The token must be a string.')
  return auth.token
}
