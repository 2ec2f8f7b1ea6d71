import { orderEvents } from '../orders/brings.ts'
import { defineSource } from '../runtime/definition.ts'
import { withApp } from './app.ts'
import { oauth } from './authorize.ts'
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
  summary: 'Orders from placed to delivered, and stock.',
  afterwards:
    'Orders are being fetched. For faster updates, set its webhook URL in the Partner Center.',
  brings: orderEvents,
  account: { field: 'shop_id', noun: 'shop', nameOf: (shopId) => `Shop ${shopId}` },
  fields,
  variables,
  problems,
  console: {
    name: 'the Partner Center',
    topics: [
      'Order status change (1)',
      'Package update (4)',
      'Cancellation status change (11)',
      'Return status change (12)',
      'Inventory status change (27)',
    ],
  },
  oauth,
  receiver: {
    verify({ headers, body }, secrets, config) {
      const { app_key, app_secret } = withApp(secrets, config)
      return (
        Boolean(app_key && app_secret) &&
        isSigned(body, headers.authorization, {
          appKey: app_key ?? '',
          appSecret: app_secret ?? '',
        })
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
