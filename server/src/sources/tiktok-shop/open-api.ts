import { patiently } from '../runtime/intake.ts'
import type { Secrets, SourceContext } from '../runtime/source.ts'
import { createApi, createFetching, createPatience, type ShopApi } from './api.ts'
import type { TikTokShopConfig } from './config.ts'
import type { Status } from './status.ts'
import { createTokens } from './tokens.ts'

export interface OpenApiDeps {
  readonly context: Pick<SourceContext, 'secrets' | 'log'>
  readonly status: Pick<Status, 'api'>
  readonly signal: AbortSignal
  readonly config: TikTokShopConfig
}

export interface OpenedApi {
  readonly api: ShopApi
  /** Stores secrets, and hides them in every message from then on. Waits while the database is away. */
  readonly store: (changes: Secrets) => Promise<void>
}

/** Whether the API can be called at all. */
export function canAsk({
  app_key,
  app_secret,
  access_token,
  refresh_token,
  auth_code,
}: Secrets): boolean {
  return Boolean(app_key && app_secret && (access_token || refresh_token || auth_code))
}

/** The API of one shop, with its tokens. None of its secrets is in what it throws or reports. */
export function openApi(
  secrets: Secrets,
  { context, status, signal, config }: OpenApiDeps,
): OpenedApi {
  const { log } = context
  const hiding = createHiding(secrets)
  const { app_key: appKey = '', app_secret: appSecret = '' } = secrets
  const keys = { appKey, appSecret }
  const fetching = createFetching({
    timeoutMs: config.tiktokShopTimeoutMs,
    signal,
    hide: hiding.hide,
  })
  const insist = createPatience({ log, signal, told: status.api })
  const store = (changes: Secrets) => {
    hiding.add(changes)
    return patiently(signal, log, () => context.secrets.write(changes))
  }
  const authUrl = config.tiktokShopAuthUrl
  const tokens = createTokens({ secrets, keys, authUrl, insist, fetching, store })
  return {
    api: createApi({ keys, baseUrl: config.tiktokShopApiUrl, tokens, insist, fetching, log }),
    store,
  }
}

/** Removes secrets from a text, including later ones. */
export function createHiding(secrets: Secrets) {
  const hidden = new Set(hiddenOf(secrets))
  return {
    hide: (text: string): string =>
      [...hidden].reduce((shown, secret) => shown.replaceAll(secret, '…'), text),
    add(more: Secrets): void {
      for (const secret of hiddenOf(more)) hidden.add(secret)
    },
  }
}

/** Public values, and those too short to be secrets, would only make messages unreadable. */
const hiddenOf = (secrets: Secrets): string[] =>
  Object.entries(secrets).flatMap(([name, secret]) =>
    name !== 'app_key' && name !== 'access_token_expires_at' && secret.length >= 4 ? secret : [],
  )
