import { orderEvents } from '../orders/brings.ts'
import { defineSource } from '../runtime/definition.ts'
import { variables } from './config.ts'
import { fields } from './form.ts'
import { problems } from './problems.ts'
import { replayLetter } from './replay.ts'
import { runShop } from './run.ts'
import { isSigned } from './signature.ts'
import { identify } from './webhook.ts'

const kind = 'tiktok_shop'

/** TikTok Shop: signed deliveries, a signed API, and a poll for what was not delivered. */
export const tiktokShop = defineSource({
  kind,
  name: 'TikTok Shop',
  summary:
    'Orders from placed to delivered, and stock, through your own app in the Partner Center.',
  afterwards: 'Now enter its webhook URL in the Partner Center, under “Manage webhooks”.',
  brings: orderEvents,
  account: { field: 'shop_id', noun: 'shop', nameOf: (shopId) => `Shop ${shopId}` },
  fields,
  variables,
  problems,
  receiver: {
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
  create: ({ config }) => ({
    kind,
    run: (source, context, signal) => runShop(source, context, signal, config),
    replay: replayLetter,
  }),
})
