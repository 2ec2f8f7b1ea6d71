import type { Secrets } from '../runtime/source.ts'
import type { TikTokShopConfig } from './config.ts'

type AppConfig = Pick<
  TikTokShopConfig,
  'tiktokShopAppKey' | 'tiktokShopAppSecret' | 'tiktokShopAuthorizationLink'
>

/** Whether this server has an app, so that nobody has to enter one. */
export const hasApp = ({ tiktokShopAppKey, tiktokShopAppSecret }: AppConfig): boolean =>
  Boolean(tiktokShopAppKey && tiktokShopAppSecret)

/** A source's secrets with the app they are for: its own, or this server's. */
export function withApp(secrets: Secrets, config: AppConfig): Secrets {
  if (secrets.app_key || !hasApp(config)) return secrets
  const { tiktokShopAppKey: app_key = '', tiktokShopAppSecret: app_secret = '' } = config
  const authorization_link = config.tiktokShopAuthorizationLink ?? ''
  return { ...secrets, app_key, app_secret, authorization_link }
}
