import type { Database } from '@creatorflow/db/database'
import * as wire from '@creatorflow/shared/features/access'
import type { Request } from 'express'
import type { Config } from '../config.ts'
import { creatorsOf } from '../creators/creators.ts'
import { AppError } from '../errors.ts'
import type { Feature } from '../http/feature.ts'
import type { Access } from './access.ts'
import { createApiKey, listApiKeys } from './api-keys.ts'
import { signInCookie, signOutCookie } from './cookie.ts'

export interface AccessFeatureDeps {
  readonly database: Database
  readonly access: Access
  readonly config: Pick<Config, 'publicUrl'>
}

/** Signing in and out, who am I, and the owner's API keys. */
export function createAccessFeature({ database, access, config }: AccessFeatureDeps): Feature {
  const isHttps = (request: Request) =>
    request.secure || (config.publicUrl?.startsWith('https:') ?? false)

  return {
    name: 'access',
    mount({ router, answer }) {
      answer(router, wire.signIn, async ({ body, request, response }) => {
        const { token, expiresAt } = await access.signIn(body.key)
        // A session that was open in this browser is not left behind.
        await access.signOut(request)
        response.set('Set-Cookie', signInCookie(token, expiresAt, isHttps(request)))
        return { expires_at: expiresAt.toISOString() }
      })

      answer(router, wire.signOut, async ({ request, response }) => {
        await access.signOut(request)
        response.set('Set-Cookie', signOutCookie(isHttps(request)))
        return undefined
      })

      answer(router, wire.me, async ({ principal }) => {
        const creators = await creatorsOf(database, principal)
        return {
          kind: principal.kind,
          local_owner: principal.kind === 'owner',
          key_id: principal.kind === 'key' ? principal.keyId : null,
          scopes: principal.kind === 'owner' ? [...wire.scopes] : [...principal.scopes],
          creators: creators.map(({ id, name }) => ({ id, name })),
        }
      })

      answer(router, wire.listApiKeys, async () => ({ api_keys: await listApiKeys(database) }))

      answer(router, wire.createApiKey, ({ body }) =>
        createApiKey(database, {
          name: body.name,
          creatorId: body.creator_id,
          scopes: body.scopes,
          expiresAt: body.expires_at === null ? null : new Date(body.expires_at),
        }),
      )

      answer(router, wire.revokeApiKey, async ({ params }) => {
        if (!(await access.revokeApiKey(params.id))) {
          throw new AppError('not_found', 'There is no such key.')
        }
        return undefined
      })
    },
  }
}
