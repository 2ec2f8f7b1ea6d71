import { z } from 'zod'
import { plainWords } from '../runtime/plain-words.ts'

/** The version that the queries were written for; Shopify answers with the oldest one it still supports after that. */
export const API_VERSION = '2026-07'

/** An answer of Shopify; none of them contains a secret. */
export type AdminAnswer =
  | { readonly kind: 'data'; readonly data: unknown }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string }
  /** Asking again later may help. */
  | { readonly kind: 'passing'; readonly detail: string }

/** What this server asks of one shop's Admin API. */
export interface Admin {
  /** Without a token Shopify refuses, which tells an existing shop from none. */
  query(token: string, query: string, variables?: object): Promise<AdminAnswer>
  /** Client credentials for a token of a day. */
  grant(clientId: string, clientSecret: string): Promise<AdminAnswer>
}

const graphqlBody = z.looseObject({
  data: z.unknown().optional(),
  errors: z.unknown().optional(),
})
const graphqlErrors = z.array(
  z.looseObject({ extensions: z.looseObject({ code: z.string().optional() }).optional() }),
)
const oauthError = z.looseObject({ error: z.string() })

/** `apiUrl` is a proxy in front of Shopify, which finds the shop's domain at the start of the path. */
export function createAdmin({
  domain,
  apiUrl,
  signal,
}: {
  readonly domain: string
  readonly apiUrl: string | undefined
  readonly signal: AbortSignal
}): Admin {
  const base = apiUrl === undefined ? `https://${domain}` : `${apiUrl}/${domain}`

  async function post(path: string, body: object, token = ''): Promise<AdminAnswer> {
    try {
      const response = await fetch(`${base}/admin/${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...(token !== '' && { 'x-shopify-access-token': token }),
        },
        body: JSON.stringify(body),
        // A token goes to the shop's own address only.
        redirect: 'manual',
        signal,
      })
      return read(response.status, await response.text())
    } catch (error) {
      if (!(error instanceof Error)) throw error
      const { cause } = error
      const words = plainWords(cause instanceof Error ? cause.message : error.message)
      return { kind: 'passing', detail: error.name === 'TimeoutError' ? 'No answer.' : words }
    }
  }

  return {
    query: (token, query, variables = {}) =>
      post(`api/${API_VERSION}/graphql.json`, { query, variables }, token),
    grant: (client_id, client_secret) =>
      post('oauth/access_token', { client_id, client_secret, grant_type: 'client_credentials' }),
  }
}

function read(status: number, text: string): AdminAnswer {
  const body = jsonOf(text)
  if (status === 429 || status >= 500) return { kind: 'passing', detail: `HTTP ${status}.` }
  if (status !== 200) {
    return { kind: 'refused', status, code: oauthError.safeParse(body).data?.error ?? '' }
  }
  const { data: answer } = graphqlBody.safeParse(body)
  if (!answer) return { kind: 'passing', detail: 'The answer is not JSON.' }
  const errors = graphqlErrors.safeParse(answer.errors).data ?? []
  const code = errors.map(({ extensions }) => extensions?.code).find(Boolean)
  if (code === 'THROTTLED') return { kind: 'passing', detail: 'The rate limit is reached.' }
  if (errors.length > 0) return { kind: 'refused', status, code: code ?? 'error' }
  // A grant has its fields at the top.
  return { kind: 'data', data: answer.data ?? answer }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
