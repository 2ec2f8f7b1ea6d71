import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { origin, variable } from '../../../core/config/variable.ts'
import { AppError } from '../../../core/errors.ts'
import { orderEvents } from '../../orders/brings.ts'
import { defineSource, secretText } from '../../runtime/definition.ts'
import { eventsOfMessage } from './normalise.ts'
import { runMarket } from './run.ts'

const kind = 'toy_market'

/** A market's signature of a body. */
export const signatureOf = (body: Uint8Array, secret: string): string =>
  createHmac('sha256', secret).update(body).digest('hex')

/** A fictional market: everything a kind of source can have, in one folder that nothing else names. */
export const toyMarket = defineSource({
  kind,
  name: 'Toy Market',
  summary: 'Orders of a stall, as the market tells of them.',
  afterwards: 'Now authorize this server on the market.',
  brings: orderEvents,
  account: { field: 'stall', noun: 'stall', prefix: '#', nameOf: (stall) => `Stall ${stall}` },
  fields: {
    stall: {
      label: 'Stall',
      hint: 'The word on its sign.',
      schema: z
        .string()
        .trim()
        .toLowerCase()
        .regex(/^[a-z]{2,20}$/, { error: 'must be letters only' }),
    },
    region: {
      label: 'Region',
      hint: 'The one that the market stands in.',
      schema: z.enum(['north', 'south'], { error: 'must be north or south' }).optional(),
    },
    signing_secret: {
      label: 'Signing secret',
      hint: 'On the back of the sign.',
      schema: secretText,
      secret: true,
    },
  },
  variables: {
    TOY_MARKET_URL: variable(origin, 'https://toys.example', 'URL', 'Where the market is.'),
  },
  problems: {
    market_closed: { text: 'The market is closed.', todo: 'Wait until it opens again.' },
  },
  receiver: {
    verify({ headers, body }, { signing_secret }) {
      const given = Buffer.from(String(headers['x-toy-signature']))
      const wanted = Buffer.from(signing_secret ? signatureOf(body, signing_secret) : '')
      return given.length === wanted.length && timingSafeEqual(given, wanted)
    },
    identify: ({ headers }) => ({
      id: String(headers['x-toy-id']),
      topic: String(headers['x-toy-topic']),
    }),
  },
  oauth: {
    action: 'Authorize on Toy Market',
    authorizeUrl({ secrets, config, redirectUri, state, verifier }) {
      if (!secrets.signing_secret) {
        throw new AppError('conflict', 'Enter the signing secret first: choose Reconnect.')
      }
      const url = new URL('/authorize', config.toyMarketUrl)
      const code_challenge = hash('sha256', verifier, 'base64url')
      url.search = String(new URLSearchParams({ redirect_uri: redirectUri, state, code_challenge }))
      return url
    },
    async exchange({ config, code, redirectUri, verifier, signal }) {
      const response = await fetch(new URL('/token', config.toyMarketUrl), {
        method: 'POST',
        body: JSON.stringify({ code, redirect_uri: redirectUri, code_verifier: verifier }),
        signal,
      })
      if (!response.ok) throw new Error(`the market refuses the code ${code}`)
      const { access_token, stall } = z
        .object({ access_token: z.string(), stall: z.string() })
        .parse(await response.json())
      return { secrets: { access_token }, account: stall }
    },
  },
  check: async ({ secrets, received }) => [
    {
      id: 'sign',
      name: 'Sign',
      state: secrets.signing_secret ? 'ok' : 'failed',
      text: `${received} messages came under it.`,
      todo: secrets.signing_secret ? null : 'Turn the sign around.',
    },
  ],
  create: () => ({
    kind,
    run: (_, context) => runMarket(context),
    replay(_, { topic, raw }) {
      const events = eventsOfMessage(raw)
      return events.map((event) => ({ event, raw, topic }))
    },
  }),
})
