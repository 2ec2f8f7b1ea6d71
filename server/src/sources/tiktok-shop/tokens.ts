import { z } from 'zod'
import type { Secrets, SourceContext } from '../runtime/source.ts'
import { type createPatience, type Fetching, ShopApiError, type Tokens } from './api.ts'
import { optionalSeconds } from './fields.ts'
import type { AppKeys } from './signature.ts'

const granted = z.looseObject({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  access_token_expire_in: z.unknown().optional(),
})

/** A token is renewed this long before it expires. */
const AHEAD_MS = 3_600_000

/** The tokens of one shop. A grant is stored, encrypted, before it is used: a refresh token may work only once. */
export function createTokens({
  secrets,
  keys,
  authUrl,
  insist,
  fetching,
  store,
  now = Date.now,
}: {
  readonly secrets: Secrets
  readonly keys: AppKeys
  readonly authUrl: string
  readonly insist: ReturnType<typeof createPatience>
  readonly fetching: Fetching
  /** Durable when it returns. */
  readonly store: SourceContext['secrets']['write']
  readonly now?: () => number
}): Tokens {
  let held = secrets
  let renewing: Promise<string> | undefined

  async function grant(path: string, query: Readonly<Record<string, string>>): Promise<string> {
    const url = new URL(path, authUrl)
    const parameters = { app_key: keys.appKey, app_secret: keys.appSecret, ...query }
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    const answer = await insist(() => fetching({ url, method: 'GET' }))
    if (answer.kind !== 'data') throw new ShopApiError('reconnect', `${path}: ${answer.detail}`)
    const read = granted.safeParse(answer.data)
    if (!read.success) throw new ShopApiError('reconnect', `${path}: the answer has no tokens`)
    const { access_token, refresh_token, access_token_expire_in } = read.data
    const changes = {
      access_token,
      refresh_token,
      access_token_expires_at: expiry(access_token_expire_in, now()),
      // It works once.
      auth_code: '',
    }
    await store(changes)
    held = { ...held, ...changes }
    return access_token
  }

  function renewed(): Promise<string> {
    const { auth_code = '', refresh_token = '' } = held
    if (auth_code !== '') {
      const grant_type = 'authorized_code'
      return grant('/api/v2/token/get', { auth_code, grant_type })
    }
    if (refresh_token === '') {
      return Promise.reject(new ShopApiError('reconnect', 'There is no refresh token.'))
    }
    return grant('/api/v2/token/refresh', { refresh_token, grant_type: 'refresh_token' })
  }

  function renewOnce(): Promise<string> {
    renewing ??= renewed().finally(() => {
      renewing = undefined
    })
    return renewing
  }

  return {
    async current() {
      const { auth_code = '', access_token = '', refresh_token = '' } = held
      const expiresAt = Number(held.access_token_expires_at ?? '') || Number.POSITIVE_INFINITY
      const isOld = expiresAt - now() < AHEAD_MS && refresh_token !== ''
      return auth_code !== '' || access_token === '' || isOld ? renewOnce() : access_token
    },
    async renew(stale) {
      const { access_token = '' } = held
      return access_token !== '' && access_token !== stale ? access_token : renewOnce()
    },
  }
}

/** Epoch ms as text. They give the moment in seconds since 1970, older versions the seconds left. */
function expiry(told: unknown, now: number): string {
  const ms = optionalSeconds.safeParse(told).data
  if (ms === undefined) return ''
  return String(ms > 10 ** 12 ? ms : now + ms)
}
