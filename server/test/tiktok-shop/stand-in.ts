import { createHmac, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { ModelOrder } from './model.ts'

type Json = Record<string, unknown>

/** The API's behavior from now on; a test changes it while it runs. */
export interface Behaviour {
  /** Requests answered 429 before one is let in. */
  throttled: number
  retryAfterS: number
  /** As a code within a 200, as the API also does. */
  throttledByCode: number
  /** Requests that fail with 500. */
  failing: number
  /** Nothing is answered any more; hanging requests are released when it is false again. */
  hangs: boolean
  /** Pages sometimes repeat the end of the previous one and skip one of their own. */
  shuffles: boolean
  /** The page token never changes. */
  circles: boolean
  /** How far its clock is ahead of ours. */
  aheadMs: number
  mostPageSize: number
  /** Each details request waits for this. */
  gate: Promise<unknown> | undefined
  /** What the seller does on the authorization page; some services send nobody's error along. */
  seller: 'agrees' | 'refuses' | 'leaves'
}

/** One of the seller's shops, as the API lists them. */
export interface ListedShop {
  readonly id: string
  readonly cipher: string
  readonly name: string
  readonly region: string
}

export interface StandIn extends AsyncDisposable {
  readonly url: string
  readonly keys: {
    readonly app_key: string
    readonly app_secret: string
    readonly shop_cipher: string
  }
  readonly shopId: string
  /** The seller's shops, the first one with this cipher and id; a test adds to them. */
  readonly shops: ListedShop[]
  /** Where its console says that the browser comes back to. */
  redirectUrl: string
  readonly behaviour: Behaviour
  /** Its data, by id; a test adds to it. */
  readonly orders: Map<string, Json>
  readonly returns: Map<string, Json>
  readonly cancellations: Map<string, Json>
  /** Adds orders in their final state, with their returns. */
  know(orders: Iterable<ModelOrder>): void
  /** Requested paths, with their parameters. */
  readonly asked: { readonly path: string; readonly query: URLSearchParams }[]
  /** Invalid requests: must stay empty. */
  readonly complaints: string[]
  readonly tokens: { access: string; refresh: string; readonly granted: string[] }
  /** A code that buys tokens, once. */
  authorize(): string
  /** The access token no longer works. */
  expireAccess(): void
  /** No token works any more. */
  withdraw(): void
}

const token = (kind: string) => `${kind}-${randomBytes(16).toString('hex')}`

/** TikTok Shop on this machine: checks requests like the real one, and misbehaves like it. */
export async function startStandIn(shopId = '7490000000000000001'): Promise<StandIn> {
  const keys = {
    app_key: `key${randomBytes(6).toString('hex')}`,
    app_secret: token('secret'),
    shop_cipher: token('cipher'),
  }
  const behaviour: Behaviour = {
    throttled: 0,
    retryAfterS: 0,
    throttledByCode: 0,
    failing: 0,
    hangs: false,
    shuffles: false,
    circles: false,
    aheadMs: 0,
    mostPageSize: 100,
    gate: undefined,
    seller: 'agrees',
  }
  const shops: ListedShop[] = [
    { id: shopId, cipher: keys.shop_cipher, name: 'Mira’s Vintage', region: 'US' },
  ]
  const tokens = { access: token('access'), refresh: token('refresh'), granted: [] as string[] }
  const codes = new Set<string>()
  const orders = new Map<string, Json>()
  const returns = new Map<string, Json>()
  const cancellations = new Map<string, Json>()
  const asked: StandIn['asked'] = []
  const complaints: string[] = []
  const searched = { orders: 0, return_orders: 0, cancellations: 0 }

  const now = () => Date.now() + behaviour.aheadMs
  const answer = (response: ServerResponse, status: number, body: Json, headers: Json = {}) => {
    const date = new Date(now()).toUTCString()
    response.writeHead(status, {
      'content-type': 'application/json',
      date,
      ...(headers as Record<string, string>),
    })
    response.end(JSON.stringify({ message: 'x', request_id: 'r', ...body }))
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://shop')
    const body = await text(request)
    const query = url.searchParams
    asked.push({ path: url.pathname, query })
    if (behaviour.hangs) return
    if (behaviour.failing > 0) {
      behaviour.failing--
      return answer(response, 500, { code: 36009003 })
    }
    if (behaviour.throttled > 0) {
      behaviour.throttled--
      return answer(
        response,
        429,
        { code: 36009002 },
        { 'retry-after': String(behaviour.retryAfterS) },
      )
    }
    if (behaviour.throttledByCode > 0) {
      behaviour.throttledByCode--
      return answer(response, 200, { code: 36009002, message: 'Too many requests.' })
    }
    if (url.pathname === '/oauth/authorize') return authorizePage(query, response)
    if (url.pathname.startsWith('/api/v2/token/')) return grant(url, response)

    const wanted = createHmac('sha256', keys.app_secret)
      .update(keys.app_secret + url.pathname + signedPart(query) + body + keys.app_secret)
      .digest('hex')
    if (query.get('app_key') !== keys.app_key || query.get('sign') !== wanted) {
      complaints.push(`wrong sign: ${url.pathname}`)
      return answer(response, 401, { code: 106001, message: 'Invalid sign' })
    }
    const lateMs = now() - Number(query.get('timestamp')) * 1_000
    if (lateMs > 300_000 || lateMs < -31_000) {
      return answer(response, 400, {
        code: 36009004,
        message: 'Invalid timestamp. The value of the `timestamp` query parameter is wrong.',
      })
    }
    if (request.headers['x-tts-access-token'] !== tokens.access) {
      return answer(response, 401, {
        code: 105002,
        message: `Expired: ${request.headers['x-tts-access-token']}`,
      })
    }
    if (url.pathname === '/authorization/202309/shops') {
      return answer(response, 200, {
        code: 0,
        data: { shops },
      })
    }
    if (query.get('shop_cipher') !== keys.shop_cipher) {
      complaints.push(`wrong cipher: ${url.pathname}`)
      return answer(response, 400, { code: 36009004, message: 'Invalid shop_cipher' })
    }
    if (url.pathname === '/order/202507/orders') {
      await behaviour.gate
      const ids = (query.get('ids') ?? '').split(',')
      if (ids.length > 50) complaints.push(`${ids.length} orders at once`)
      return answer(response, 200, {
        code: 0,
        data: { orders: ids.flatMap((id) => orders.get(id) ?? []) },
      })
    }
    const search = searchesByPath[url.pathname]
    if (!search || request.method !== 'POST') return answer(response, 404, { code: 36009009 })
    const things = { orders, return_orders: returns, cancellations }[search.list]
    return answer(response, 200, {
      code: 0,
      data: page([...things.values()], search, query, JSON.parse(body)),
    })
  }

  function page(things: Json[], { list, most }: Search, query: URLSearchParams, body: Json): Json {
    const size = Math.min(Number(query.get('page_size')), behaviour.mostPageSize)
    if (!(size >= 1 && size <= most)) complaints.push(`page_size ${size}`)
    const {
      update_time_ge = 0,
      update_time_lt = Number.MAX_VALUE,
      order_ids,
    } = body as {
      update_time_ge?: number
      update_time_lt?: number
      order_ids?: string[]
    }
    const found = things
      .filter(({ update_time, order_id }) => {
        const at = Number(update_time)
        return (
          at >= update_time_ge &&
          at < update_time_lt &&
          (order_ids?.includes(String(order_id)) ?? true)
        )
      })
      .sort((a, b) => Number(a.update_time) - Number(b.update_time))
    const from = Number(query.get('page_token')?.replace('at-', '') ?? 0)
    const wave = behaviour.shuffles ? searched[list]++ : 0
    const items = found.slice(behaviour.shuffles ? Math.max(0, from - 1) : from, from + size)
    if (behaviour.shuffles && items.length > 1) items.splice(wave % items.length, 1)
    const next = from + size < found.length ? `at-${behaviour.circles ? size : from + size}` : ''
    return { [list]: items, next_page_token: next, total_count: found.length }
  }

  /** The link of the app: knows it by its key, and sends the browser to what its console says. */
  function authorizePage(query: URLSearchParams, response: ServerResponse) {
    const state = query.get('state') ?? ''
    if (query.get('app_key') !== keys.app_key || state === '') {
      complaints.push('an authorization link without this app or a state')
      return answer(response, 400, { code: 36004001, message: 'no such app' })
    }
    const back = new URL(standIn.redirectUrl)
    back.searchParams.set('state', state)
    if (behaviour.seller === 'agrees') {
      back.searchParams.set('app_key', keys.app_key)
      back.searchParams.set('code', standIn.authorize())
      back.searchParams.set('shop_region', 'US')
    } else if (behaviour.seller === 'refuses') back.searchParams.set('error', 'access_denied')
    response.writeHead(302, { location: back.href }).end()
  }

  function grant(url: URL, response: ServerResponse) {
    const query = url.searchParams
    if (query.get('app_key') !== keys.app_key || query.get('app_secret') !== keys.app_secret) {
      return answer(response, 200, { code: 36004001, message: 'no such app' })
    }
    const isFirst = url.pathname.endsWith('/get')
    const given = query.get(isFirst ? 'auth_code' : 'refresh_token') ?? ''
    const isGood = isFirst ? codes.delete(given) : given !== '' && given === tokens.refresh
    // The real one also repeats what it was sent.
    if (!isGood)
      return answer(response, 200, {
        code: isFirst ? 36004004 : 36004005,
        message: `unknown: ${given}`,
      })
    tokens.access = token('access')
    tokens.refresh = token('refresh')
    tokens.granted.push(tokens.access, tokens.refresh)
    const expires = Math.floor(now() / 1_000) + 7 * 86_400
    answer(response, 200, {
      code: 0,
      data: {
        access_token: tokens.access,
        access_token_expire_in: expires,
        refresh_token: tokens.refresh,
      },
    })
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      complaints.push(String(error))
      response.destroy()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const standIn: StandIn = {
    redirectUrl: '',
    shops,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys,
    shopId,
    behaviour,
    orders,
    returns,
    cancellations,
    asked,
    complaints,
    tokens,
    know(known) {
      for (const order of known) {
        const last = order.looks.at(-1)
        if (last) orders.set(order.id, last)
        for (const one of order.returns) returns.set(String(one.return_id), one)
        for (const one of order.cancellations) cancellations.set(String(one.cancel_id), one)
      }
    },
    authorize() {
      const code = token('code')
      codes.add(code)
      return code
    },
    expireAccess() {
      tokens.access = token('never')
    },
    withdraw() {
      tokens.access = token('never')
      tokens.refresh = token('never')
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
  return standIn
}

interface Search {
  readonly list: 'orders' | 'return_orders' | 'cancellations'
  readonly most: number
}

const searchesByPath: Readonly<Record<string, Search>> = {
  '/order/202309/orders/search': { list: 'orders', most: 100 },
  '/return_refund/202309/returns/search': { list: 'return_orders', most: 50 },
  '/return_refund/202309/cancellations/search': { list: 'cancellations', most: 50 },
}

function signedPart(query: URLSearchParams): string {
  const names = [...query.keys()]
    .filter((name) => name !== 'sign' && name !== 'access_token')
    .sort()
  return names.map((name) => name + query.get(name)).join('')
}
