import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A shop's Admin API on this machine: checks what it is sent, and misbehaves. */
export interface AdminStandIn extends AsyncDisposable {
  readonly url: string
  readonly domain: string
  readonly app: { readonly client_id: string; readonly client_secret: string }
  /** Of an app made in the admin. */
  readonly token: string
  /** Changed by a test while it runs. */
  readonly behaviour: {
    scopes: string[]
    /** Topics that Shopify doesn't let this app subscribe to. */
    forbidden: string[]
    installed: boolean
    paused: boolean
    /** The domain that the token is really of. */
    tokenOf: string
    /** Answers everything with this status. */
    status: number | null
    throttled: boolean
  }
  /** Subscriptions, by topic and address. */
  readonly subscriptions: { readonly topic: string; readonly uri: string }[]
  /** Invalid requests: must stay empty. */
  readonly complaints: string[]
}

const secret = (kind: string) => `${kind}-${randomBytes(12).toString('hex')}`

export async function startAdmin(domain = 'mira.myshopify.com'): Promise<AdminStandIn> {
  const grants = new Set<string>()
  const http = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      admin.complaints.push(String(error))
      response.destroy()
    })
  })
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
  const admin: AdminStandIn = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    domain,
    app: { client_id: secret('id'), client_secret: secret('shpss') },
    token: secret('shpat'),
    behaviour: {
      scopes: ['read_orders', 'read_fulfillments', 'write_inventory'],
      forbidden: [],
      installed: true,
      paused: false,
      tokenOf: domain,
      status: null,
      throttled: false,
    },
    subscriptions: [],
    complaints: [],
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      await new Promise<void>((done) => http.close(() => done()))
    },
  }
  return admin

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { behaviour } = admin
    const answer = (status: number, body: unknown) =>
      void response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify(body))
    const body = JSON.parse(await text(request))
    const [, shop, ...path] = (request.url ?? '').split('/')
    if (request.method !== 'POST') admin.complaints.push(`${request.method} ${request.url}`)
    if (behaviour.status !== null) return answer(behaviour.status, 'no')
    if (shop !== domain) return answer(404, { errors: 'Not Found' })
    if (behaviour.paused) return answer(402, { errors: 'Unavailable Shop' })
    if (path.join('/') === 'admin/oauth/access_token') {
      const { client_id, client_secret, grant_type } = body
      if (grant_type !== 'client_credentials') admin.complaints.push(`grant ${grant_type}`)
      const isApp = client_id === admin.app.client_id && client_secret === admin.app.client_secret
      // As the real one does, in words of OAuth.
      if (!isApp) return answer(400, { error: 'application_cannot_be_found' })
      if (!behaviour.installed) return answer(400, { error: 'app_not_installed' })
      const access_token = secret('granted')
      grants.add(access_token)
      return answer(200, { access_token, scope: behaviour.scopes.join(','), expires_in: 86_399 })
    }
    if (!/^admin\/api\/\d{4}-\d{2}\/graphql\.json$/.test(path.join('/'))) return answer(404, {})
    const token = String(request.headers['x-shopify-access-token'] ?? '')
    if (token !== admin.token && !grants.has(token)) {
      return answer(401, { errors: `[API] Invalid API key or access token: ${token}` })
    }
    if (behaviour.throttled) {
      return answer(200, { errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }] })
    }
    return answer(200, graphql(body))
  }

  function graphql({ query, variables }: { query: string; variables: Record<string, string> }) {
    const { behaviour, subscriptions } = admin
    if (query.includes('webhookSubscriptionCreate')) {
      const { topic = '', uri = '' } = variables
      if (!uri.startsWith('https://')) admin.complaints.push(`webhook to ${uri}`)
      if (subscriptions.some((one) => one.topic === topic && one.uri === uri)) {
        admin.complaints.push(`${topic} twice`)
      }
      const isForbidden = behaviour.forbidden.includes(topic)
      if (!isForbidden) subscriptions.push({ topic, uri })
      const userErrors = isForbidden ? [{ field: ['topic'], message: 'not allowed' }] : []
      return { data: { webhookSubscriptionCreate: { userErrors } } }
    }
    if (query.includes('webhookSubscriptions')) {
      return { data: { webhookSubscriptions: { nodes: subscriptions } } }
    }
    return {
      data: {
        shop: { myshopifyDomain: behaviour.tokenOf },
        currentAppInstallation: {
          accessScopes: behaviour.scopes.map((handle) => ({ handle })),
        },
      },
    }
  }
}
