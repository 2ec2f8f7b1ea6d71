import type { SourceKindId } from '@creatorflow/shared/sources'

export interface SourceField {
  /** As the server knows it. */
  readonly name: string
  readonly label: string
  readonly hint: string
  readonly secret?: true
  readonly optional?: true
}

interface SourceForm {
  /** What connecting it brings. */
  readonly brings: string
  readonly fields: readonly SourceField[]
  /** What to do or expect once it is added. */
  readonly afterwards: string
}

/** What a person is asked to connect each kind, and where to find it. */
export const sourceForms: Readonly<Record<SourceKindId, SourceForm>> = {
  tiktok_live: {
    brings:
      'Viewers, comments, likes, gifts, follows and pinned products of a LIVE, as they happen.',
    fields: [
      {
        name: 'handle',
        label: 'Handle',
        hint: 'The one after the @ of the profile, such as @mira. No setup on TikTok needed.',
      },
    ],
    afterwards: 'Its status shows below as soon as TikTok has been checked.',
  },
  tiktok_shop: {
    brings:
      'Orders with their whole life, and stock, through an app of yours in the Partner Center.',
    fields: [
      { name: 'shop_id', label: 'Shop id', hint: 'The number of the shop.' },
      {
        name: 'app_key',
        label: 'App key',
        hint: 'Partner Center, your app, “App key and secret”.',
        secret: true,
      },
      { name: 'app_secret', label: 'App secret', hint: 'Beside the app key.', secret: true },
      {
        name: 'auth_code',
        label: 'Authorization code',
        hint: 'The code in the address that the seller was sent to after authorizing the app. It works for half an hour.',
        secret: true,
        optional: true,
      },
      {
        name: 'access_token',
        label: 'Access token',
        hint: 'Instead of a code, if you have tokens already. Without both, orders come without amounts.',
        secret: true,
        optional: true,
      },
      {
        name: 'refresh_token',
        label: 'Refresh token',
        hint: 'Beside the access token; it is renewed by itself.',
        secret: true,
        optional: true,
      },
      {
        name: 'shop_cipher',
        label: 'Shop cipher',
        hint: 'From “Get authorized shops”; found by itself with a code.',
        secret: true,
        optional: true,
      },
    ],
    afterwards: 'Now enter its webhook address in the Partner Center, under “Manage webhooks”.',
  },
  shopify: {
    brings: 'Orders, refunds, shipping and stock, as the shop tells of them.',
    fields: [
      {
        name: 'shop_domain',
        label: 'Domain',
        hint: 'The one that ends in .myshopify.com, such as mira.myshopify.com.',
      },
      {
        name: 'client_secret',
        label: 'Secret of the webhooks',
        hint: 'Shopify admin, Settings, Notifications, Webhooks: “signed with …”. Of an app its client secret.',
        secret: true,
      },
    ],
    afterwards:
      'Now enter its webhook address for each topic: orders (creation, payment, update, edit, cancellation), refunds, fulfillments and inventory levels, as JSON.',
  },
}

/** What was entered, without what was left empty. */
export function entered(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values)
      .map(([name, value]) => [name, value.trim()])
      .filter(([, value]) => value !== ''),
  )
}
