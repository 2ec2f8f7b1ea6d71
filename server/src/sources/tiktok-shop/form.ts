import { z } from 'zod'
import { type SourceField, secretText } from '../runtime/definition.ts'

/** What a person enters to connect a shop, and where to find it. */
export const fields = {
  shop_id: {
    label: 'Shop ID',
    hint: 'Numeric ID of the shop.',
    isForPrograms: true,
    schema: z
      .string()
      .trim()
      .regex(/^\d{1,25}$/, { error: 'must be the numeric ID of the shop' }),
  },
  app_key: {
    label: 'App key',
    hint: 'Partner Center, your app, “App key and secret”.',
    schema: secretText,
    secret: true,
  },
  app_secret: {
    label: 'App secret',
    hint: 'Next to the app key.',
    schema: secretText,
    secret: true,
  },
  authorization_link: {
    label: 'Authorization link',
    hint: 'Partner Center, your app. Only needed if it has one of its own, such as for US shops.',
    schema: z
      .url({ protocol: /^https?$/, error: 'must be a link' })
      .max(2_000)
      .optional(),
    secret: true,
  },
  // All of these come from the visit.
  auth_code: {
    label: 'Authorization code',
    hint: 'The code in the URL the seller was redirected to after authorizing the app. Valid for 30 minutes.',
    schema: secretText.optional(),
    secret: true,
    isForPrograms: true,
  },
  // Needed to call the API; without them only deliveries arrive, which have no amounts.
  access_token: {
    label: 'Access token',
    hint: 'Instead of a code, if you already have tokens. Without either, orders have no amounts.',
    schema: secretText.optional(),
    secret: true,
    isForPrograms: true,
  },
  refresh_token: {
    label: 'Refresh token',
    hint: 'Next to the access token. Renewed automatically.',
    schema: secretText.optional(),
    secret: true,
    isForPrograms: true,
  },
  shop_cipher: {
    label: 'Shop cipher',
    hint: 'From “Get authorized shops”. Filled in automatically with a code.',
    schema: secretText.optional(),
    secret: true,
    isForPrograms: true,
  },
} as const satisfies Readonly<Record<string, SourceField>>
