import { createDoor } from '../runtime/door.ts'
import type { SourceKindDeps } from '../runtime/kind-deps.ts'
import type { SourceKind } from '../runtime/source.ts'
import type { TikTokShopConfig } from './config.ts'
import { replayLetter } from './replay.ts'
import { runShop } from './run.ts'
import { isSigned } from './signature.ts'
import { identify } from './webhook.ts'

/** TikTok Shop: deliveries with a signature, a signed API, and a poll for what was not delivered. */
export function createTikTokShop(deps: SourceKindDeps<TikTokShopConfig>): SourceKind {
  return {
    kind: 'tiktok_shop',
    run: (source, context, signal) => runShop(source, context, signal, deps.config),
    replay: replayLetter,
    door: createDoor(
      {
        kind: 'tiktok_shop',
        path: '/api/v1/webhooks/tiktok-shop/:source_id',
        verify({ headers, body }, { app_key, app_secret }) {
          return (
            app_key !== undefined &&
            app_secret !== undefined &&
            isSigned(body, headers.authorization, { appKey: app_key, appSecret: app_secret })
          )
        },
        identify({ body }, source) {
          const { shopId, ...identity } = identify(body)
          const isOther = shopId !== undefined && shopId !== source.account
          return { ...identity, ...(isOther && { account: shopId }) }
        },
      },
      deps,
    ),
  }
}
