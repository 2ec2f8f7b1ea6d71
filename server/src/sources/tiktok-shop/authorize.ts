import { AppError } from '../../core/errors.ts'
import { silentLog } from '../../core/log.ts'
import { AuthorizationError, type OAuth } from '../runtime/oauth.ts'
import type { Secrets } from '../runtime/source.ts'
import { type ShopApi, ShopApiError } from './api.ts'
import { hasApp, withApp } from './app.ts'
import type { TikTokShopConfig } from './config.ts'
import { openApi } from './open-api.ts'
import { authorizedShops } from './shop.ts'

/** How a seller authorizes the app: by its link, which leads back here with a code. */
export const oauth: OAuth<TikTokShopConfig> = {
  action: 'Authorize in TikTok Shop',
  authorizeUrl({ secrets, config, state }) {
    const { app_key, app_secret, authorization_link } = withApp(secrets, config)
    if (!app_key || !app_secret) {
      throw new AppError(
        'conflict',
        'This server has no TikTok Shop app. Enter the app key and secret of your own.',
      )
    }
    const url = authorization_link
      ? new URL(authorization_link)
      : new URL('/oauth/authorize', config.tiktokShopAuthUrl)
    if (!authorization_link) url.searchParams.set('app_key', app_key)
    url.searchParams.set('state', state)
    return url
  },
  async exchange({ source, secrets, config, code, signal }) {
    const granted: Record<string, string> = {}
    const from = { ...withApp(secrets, config), auth_code: code }
    const api = openFor(from, config, signal, (changes) => Object.assign(granted, changes))
    const shops = await told(() => authorizedShops(api), signal)
    if (!source) return { secrets: granted }
    const own = shops.find(({ id }) => id === source.account)
    return {
      secrets: { ...granted, ...(own && { shop_cipher: own.cipher }) },
      account: own?.id ?? 'another shop',
    }
  },
  connect: {
    action: 'Connect TikTok Shop',
    ownApp: 'Use your own TikTok Shop app',
    fields: ['app_key', 'app_secret', 'authorization_link'],
    hasApp,
    async accounts({ secrets, config, signal }) {
      // These tokens are minutes old: a renewal would take them from whoever stores them.
      const { access_token = '' } = secrets
      const api = openFor({ ...withApp(secrets, config), access_token }, config, signal)
      const shops = await told(() => authorizedShops(api), signal)
      return shops.map(({ id, name, region, cipher }) => ({
        account: id,
        name: plainName(name) || `Shop ${id}`,
        region: region || null,
        secrets: { shop_cipher: cipher },
      }))
    },
  },
}

function openFor(
  secrets: Secrets,
  config: TikTokShopConfig,
  signal: AbortSignal,
  write: (changes: Secrets) => void = () => {},
): ShopApi {
  const context = {
    log: silentLog(),
    secrets: { read: async () => secrets, write: async (changes: Secrets) => write(changes) },
  }
  return openApi(secrets, { context, status: { api() {} }, signal, config }).api
}

/** What fails, in a way that the page explains. */
async function told<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ShopApiError) throw new AuthorizationError('refused', error.message)
    if (signal.aborted) throw new AuthorizationError('unreachable', 'TikTok Shop did not answer.')
    throw error
  }
}

/** A name of one line. */
const plainName = (name: string | null | undefined): string =>
  (name ?? '')
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 200)
