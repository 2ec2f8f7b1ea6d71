import { z } from 'zod'
import { orderEvents } from '../orders/brings.ts'
import { defineSource, secretText } from '../runtime/definition.ts'
import { checkShop } from './checks.ts'
import { variables } from './config.ts'
import { eraseOrders, forgetOrders } from './order-book.ts'
import { shopifyReceiver } from './receiver.ts'
import { replayLetter, runShop } from './run.ts'

const kind = 'shopify'

/** Shopify shops: they push everything, so nothing is polled. */
export const shopify = defineSource({
  kind,
  name: 'Shopify',
  summary: 'Orders, refunds, shipping and stock from your shop’s webhooks.',
  afterwards: 'Its checklist shows what works already and what to do next.',
  brings: orderEvents,
  account: { field: 'shop_domain', noun: 'shop' },
  fields: {
    shop_domain: {
      label: 'Domain',
      hint: 'Ends in .myshopify.com, such as mira.myshopify.com.',
      schema: z
        .string()
        .trim()
        .toLowerCase()
        .regex(/^[a-z0-9][a-z0-9-]{0,60}\.myshopify\.com$/, {
          error: 'must be the shop’s domain, such as mira.myshopify.com',
        }),
    },
    // From the app, or from the webhooks in the shop's settings.
    client_secret: {
      label: 'Client secret',
      hint: 'Dev Dashboard, your app, Settings. Without an app: the webhook secret in the Shopify admin under Settings, Notifications, Webhooks.',
      schema: secretText,
      secret: true,
    },
    // With either of these, permissions are tested and webhooks are created.
    client_id: {
      label: 'Client ID',
      hint: 'Next to the client secret of your app.',
      schema: secretText.optional(),
      secret: true,
    },
    access_token: {
      label: 'Admin API access token',
      hint: 'Only for an app created in the Shopify admin before 2026: it starts with shpat_.',
      schema: secretText.optional(),
      secret: true,
    },
  },
  variables,
  problems: {
    update_missing: {
      text: 'Changes to edited orders don’t arrive.',
      todo: 'Add a webhook for the topic Order update (orders/updated) with this source’s URL.',
    },
  },
  receiver: shopifyReceiver,
  check: checkShop,
  ledger: {
    table: 'shop_orders',
    forget: (database, { shopOrdersKeptDays }) => forgetOrders(database, shopOrdersKeptDays),
    eraseOrders,
  },
  create: ({ database, config }) => ({
    kind,
    run: (source, context) => runShop(database, source, context, config.shopRefundWaitMs),
    replay: (source, letter) => replayLetter(database, source, letter),
  }),
})
