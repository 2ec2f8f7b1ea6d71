import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Check, Checking } from '../runtime/checks.ts'
import { type Admin, type AdminAnswer, createAdmin } from './admin.ts'
import type { ShopifyConfig } from './config.ts'
import { inAdminApi, neededScopes, type Topic, topics } from './topics.ts'

const grant = z.looseObject({ access_token: z.string().min(1) })
const access = z.looseObject({
  shop: z.looseObject({ myshopifyDomain: z.string() }),
  currentAppInstallation: z.looseObject({
    accessScopes: z.array(z.looseObject({ handle: z.string() })),
  }),
})
const subscriptions = z.looseObject({
  webhookSubscriptions: z.looseObject({
    nodes: z.array(z.looseObject({ topic: z.string(), uri: z.string() })),
  }),
})
const subscribed = z.looseObject({
  webhookSubscriptionCreate: z.looseObject({ userErrors: z.array(z.unknown()) }),
})

const ACCESS = `query { shop { myshopifyDomain } currentAppInstallation { accessScopes { handle } } }`
const SUBSCRIPTIONS = `query { webhookSubscriptions(first: 250) { nodes { topic uri } } }`
const SUBSCRIBE = `mutation ($topic: WebhookSubscriptionTopic!, $uri: String!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: { uri: $uri, format: JSON }) {
    userErrors { field message }
  }
}`

const names = {
  shop: 'Shop domain',
  token: 'Access token',
  scopes: 'Permissions',
  webhooks: 'Webhooks',
  reachable: 'This server’s address',
} as const
type Id = keyof typeof names

const check = (id: Id, state: Check['state'], text: string, todo: string | null = null): Check => ({
  id,
  name: names[id],
  state,
  text,
  todo,
})
const skipped = (id: Id, after: string) => check(id, 'skipped', `Checked once ${after}.`)

/** Tests each step of a connection to a shop, and creates the webhooks that are missing. */
export async function checkShop(of: Checking<ShopifyConfig>): Promise<readonly Check[]> {
  const { source, secrets, config, signal, webhookUrl } = of
  const admin = createAdmin({ domain: source.account, apiUrl: config.shopifyApiUrl, signal })
  const reachable = await reachability(of)
  const shop = await shopCheck(admin, source.account)
  if (shop.state !== 'ok') {
    const after = 'the shop is found'
    const rest = (['token', 'scopes', 'webhooks'] as const).map((id) => skipped(id, after))
    return [shop, ...rest, reachable]
  }
  const { access_token = '', client_id = '', client_secret = '' } = secrets
  if (access_token === '' && client_id === '') {
    const token = check(
      'token',
      'skipped',
      'No access token or client ID entered, so permissions and webhooks can’t be checked from here.',
      'Webhooks created in the shop’s settings work without one. To have them created for you, choose Reconnect and enter one.',
    )
    const after = 'there is an access token'
    return [shop, token, skipped('scopes', after), skipped('webhooks', after), reachable]
  }
  const token = access_token || (await granted(admin, client_id, client_secret))
  const asked = typeof token === 'string' ? await admin.query(token, ACCESS) : null
  const read = asked?.kind === 'data' ? access.safeParse(asked.data).data : undefined
  if (typeof token !== 'string' || !read) {
    const failed = typeof token === 'string' ? tokenProblem(asked) : token
    const after = 'the access token works'
    return [shop, failed, skipped('scopes', after), skipped('webhooks', after), reachable]
  }
  const domain = read.shop.myshopifyDomain.toLowerCase()
  if (domain !== source.account) {
    const other = check(
      'token',
      'failed',
      `The access token belongs to ${domain}.`,
      `Choose Reconnect and enter one of ${source.account}.`,
    )
    const after = 'the access token is this shop’s'
    return [shop, other, skipped('scopes', after), skipped('webhooks', after), reachable]
  }
  const scopes = scopesCheck(read.currentAppInstallation.accessScopes.map(({ handle }) => handle))
  return [
    shop,
    check('token', 'ok', 'Shopify accepts it.'),
    scopes,
    await webhooksCheck(admin, token, webhookUrl),
    reachable,
  ]
}

async function shopCheck(admin: Admin, domain: string): Promise<Check> {
  const answer = await admin.query('', ACCESS)
  if (answer.kind === 'passing') return unreachable('shop', answer.detail)
  if (answer.kind === 'refused' && [401, 403].includes(answer.status)) {
    return check('shop', 'ok', `${domain} is a Shopify shop.`)
  }
  if (answer.kind === 'refused' && [402, 423].includes(answer.status)) {
    return check(
      'shop',
      'failed',
      `Shopify has paused ${domain}.`,
      'Resolve it in the Shopify admin, then check again.',
    )
  }
  return check(
    'shop',
    'failed',
    `Shopify has no shop ${domain}.`,
    'Find the domain that ends in .myshopify.com in the Shopify admin under Settings, Domains. Remove this source and connect that shop.',
  )
}

async function granted(admin: Admin, id: string, secret: string): Promise<string | Check> {
  const answer = await admin.grant(id, secret)
  if (answer.kind === 'passing') return unreachable('token', answer.detail)
  const read = answer.kind === 'data' ? grant.safeParse(answer.data).data : undefined
  if (read) return read.access_token
  const code = answer.kind === 'refused' ? answer.code : ''
  if (code === 'app_not_installed') {
    return check(
      'token',
      'failed',
      'The app is not installed in this shop.',
      'In the Dev Dashboard, release a version of the app and install it in the shop.',
    )
  }
  if (code === 'shop_not_permitted') {
    return check(
      'token',
      'failed',
      'The app and the shop belong to different organizations.',
      'Create the app in the Dev Dashboard of the organization that owns the shop.',
    )
  }
  return check(
    'token',
    'failed',
    'Shopify refuses the client ID and secret.',
    'Copy both from the app’s Settings in the Dev Dashboard, then choose Reconnect.',
  )
}

function tokenProblem(answer: AdminAnswer | null): Check {
  if (answer?.kind === 'passing') return unreachable('token', answer.detail)
  return check(
    'token',
    'failed',
    'Shopify refuses the access token.',
    'Install the app in the shop again, copy its Admin API access token, and choose Reconnect.',
  )
}

/** Writing includes reading. */
function scopesCheck(granted: readonly string[]): Check {
  const missing = neededScopes.filter(
    (scope) => !granted.includes(scope) && !granted.includes(scope.replace('read_', 'write_')),
  )
  if (missing.length === 0) return check('scopes', 'ok', 'The app may read all that is needed.')
  return check(
    'scopes',
    'failed',
    `Missing: ${missing.join(', ')}.`,
    'Add them to the app’s Admin API scopes, release the version, and approve it in the shop.',
  )
}

async function webhooksCheck(
  admin: Admin,
  token: string,
  webhookUrl: string | null,
): Promise<Check> {
  if (webhookUrl === null) {
    return check(
      'webhooks',
      'failed',
      'None created, because Shopify could not reach this server.',
      'Set PUBLIC_URL to this server’s https address, then check again.',
    )
  }
  const listed = await admin.query(token, SUBSCRIPTIONS)
  if (listed.kind === 'passing') return unreachable('webhooks', listed.detail)
  const read = listed.kind === 'data' ? subscriptions.safeParse(listed.data).data : undefined
  const there = new Set(
    read?.webhookSubscriptions.nodes.flatMap(({ topic, uri }) => (uri === webhookUrl ? topic : [])),
  )
  const all = Object.keys(topics) as Topic[]
  const refused: Topic[] = []
  for (const topic of all.filter((one) => !there.has(inAdminApi(one)))) {
    const answer = await admin.query(token, SUBSCRIBE, {
      topic: inAdminApi(topic),
      uri: webhookUrl,
    })
    if (answer.kind === 'passing') return unreachable('webhooks', answer.detail)
    const made = answer.kind === 'data' ? subscribed.safeParse(answer.data).data : undefined
    if (made?.webhookSubscriptionCreate.userErrors.length !== 0) refused.push(topic)
  }
  if (refused.length === 0) {
    return check('webhooks', 'ok', `All ${all.length} topics are sent to this server.`)
  }
  return check(
    'webhooks',
    'failed',
    `Shopify refuses these topics: ${refused.join(', ')}.`,
    'Add the missing permissions, and allow the app access to protected customer data. Then check again.',
  )
}

/** Asks this server by its public address: an unknown source is refused as only this server does it. */
async function reachability({ config, signal, received }: Checking<ShopifyConfig>): Promise<Check> {
  if (received > 0) return check('reachable', 'ok', 'Webhooks arrive.')
  const { publicUrl } = config
  if (!publicUrl?.startsWith('https:')) {
    return check(
      'reachable',
      'failed',
      'Webhooks can’t reach this machine, so no orders arrive: Shopify sends them to https addresses on the internet only.',
      'Set PUBLIC_URL to this server’s https address. Meanwhile, orders can be imported from a file.',
    )
  }
  const answer = await fetch(`${publicUrl}/api/v1/webhooks/shopify/${randomUUID()}`, {
    method: 'POST',
    body: '{}',
    redirect: 'manual',
    signal,
  })
    .then(async (response) => response.status === 401 && (await response.text()))
    .catch(() => false)
  if (typeof answer === 'string' && answer.includes('"unauthorized"')) {
    return check('reachable', 'ok', `${publicUrl} leads to this server.`)
  }
  return check(
    'reachable',
    'failed',
    `${publicUrl} doesn’t lead to this server.`,
    'Check PUBLIC_URL, the DNS entry and the proxy. If it opens from another network, your router may only refuse it from inside.',
  )
}

const unreachable = (id: Id, detail: string): Check =>
  check(
    id,
    'failed',
    `Can’t reach Shopify. ${detail}`,
    'Check this server’s connection to the internet, then check again.',
  )
