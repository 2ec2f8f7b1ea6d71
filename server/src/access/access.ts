import type { IncomingMessage } from 'node:http'
import type { Database } from '@creatorflow/db/database'
import type { Bus } from '../bus/bus.ts'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { createApiKeyVerifier, revokeApiKey as revokeKeyRow } from './api-keys.ts'
import { signInTokenOf } from './cookie.ts'
import { type Caller, isLocalOwner } from './local-owner.ts'
import { originFits } from './origin.ts'
import { type Authentication, type KeyPrincipal, owner } from './principal.ts'
import { createSignIns, hashToken } from './sign-ins.ts'

export interface AccessDeps {
  readonly database: Database
  readonly bus: Bus
  readonly config: Pick<Config, 'host' | 'publicUrl' | 'allowedOrigins'>
}

/** A request, or what a Socket.IO server calls `socket.request`. */
type Incoming = Pick<IncomingMessage, 'headers' | 'socket'>

export interface Access extends AsyncDisposable {
  /** Who asks; null for nobody. Rejects a key that is given but not valid. */
  authenticate(request: Incoming): Promise<Authentication | null>
  /** The same for a socket: `auth.token` (an API key that may read), cookie, or local owner. */
  authenticateSocket(handshake: { request: Incoming; auth: unknown }): Promise<Authentication>
  /** Whether somebody who came in earlier may still be here; answers are at most 5 s old. */
  stillValid(authentication: Authentication): Promise<boolean>
  /** Rejects what a foreign page sends in the name of a signed-in browser. */
  checkOrigin(request: Incoming, authentication: Authentication | null): void
  /** Opens a browser session with a key that may read. */
  signIn(key: string): Promise<{ token: string; expiresAt: Date }>
  signOut(request: Incoming): Promise<void>
  /** Revokes a key on every node; false when there is no such key. */
  revokeApiKey(id: string): Promise<boolean>
  /** Tells the id of each key that was revoked, on whichever node. */
  onRevoked(listener: (keyId: string) => void): () => void
}

const revokedChannel = 'access:revoked'

/** Everything about who asks. What they may do is decided by `authorize`. */
export async function createAccess({ database, bus, config }: AccessDeps): Promise<Access> {
  const apiKeys = createApiKeyVerifier(database)
  const signIns = createSignIns(database)
  const revokedListeners = new Set<(keyId: string) => void>()
  const httpsOnly = config.publicUrl?.startsWith('https:') ?? false

  function forgetRevoked(keyId: string) {
    apiKeys.forget(keyId)
    for (const listener of revokedListeners) listener(keyId)
  }
  const unsubscribe = await bus.subscribe(revokedChannel, forgetRevoked)

  async function withKey(key: string): Promise<Authentication> {
    const principal = await apiKeys.verify(key)
    if (!principal) throw new AppError('unauthorized', 'The API key is not valid.')
    return { principal, credential: { kind: 'api-key' } }
  }

  async function withoutKey(request: Incoming): Promise<Authentication | null> {
    if (isLocalOwner(config.host, callerOf(request))) {
      return { principal: owner, credential: { kind: 'local' } }
    }
    const token = signInTokenOf(request.headers, httpsOnly)
    if (!token) return null
    const tokenHash = hashToken(token)
    const principal = await signedIn(tokenHash)
    return principal && { principal, credential: { kind: 'sign-in', tokenHash } }
  }

  /** A browser session may read, even if its key may also send events. */
  async function signedIn(tokenHash: string): Promise<KeyPrincipal | null> {
    const keyId = await signIns.find(tokenHash)
    const key = keyId === null ? null : await apiKeys.current(keyId)
    return key && { ...key, scopes: key.scopes.filter((scope) => scope === 'read') }
  }

  return {
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

    async stillValid({ principal, credential }) {
      if (principal.kind === 'owner') return true
      if (credential.kind === 'sign-in') return (await signedIn(credential.tokenHash)) !== null
      return (await apiKeys.current(principal.keyId)) !== null
    },

    checkOrigin(request, authentication) {
      // A key is sent on purpose, and the local owner's page was looked at already.
      const kind = authentication?.credential.kind
      if (kind !== 'api-key' && kind !== 'local') checkPage(request)
    },

    async signIn(key) {
      const { principal } = await withKey(key)
      if (principal.kind !== 'key' || !principal.scopes.includes('read')) {
        throw new AppError('forbidden', 'This key may not read.')
      }
      return signIns.open(principal.keyId)
    },

    async signOut(request) {
      const token = signInTokenOf(request.headers, httpsOnly)
      if (token) await signIns.close(hashToken(token))
    },

    async revokeApiKey(id) {
      const found = await revokeKeyRow(database, id)
      if (found) {
        forgetRevoked(id)
        await bus.publish(revokedChannel, id)
      }
      return found
    },

    onRevoked(listener) {
      revokedListeners.add(listener)
      return () => void revokedListeners.delete(listener)
    },

    async [Symbol.asyncDispose]() {
      await unsubscribe()
      revokedListeners.clear()
    },
  }

  function checkPage(request: Incoming) {
    if (!originFits(request.headers, config)) {
      throw new AppError('forbidden', 'This request came from a page of another origin.')
    }
  }
}

function callerOf({ headers, socket }: Incoming): Caller {
  return { headers, localPort: socket.localPort, remoteAddress: socket.remoteAddress }
}

function tokenOf(auth: unknown): string | null {
  if (typeof auth !== 'object' || auth === null || !('token' in auth)) return null
  if (auth.token === undefined || auth.token === null) return null
  if (typeof auth.token !== 'string') throw new AppError('unauthorized', 'The token is no text.')
  return auth.token
}
