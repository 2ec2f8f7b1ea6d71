import { hash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Market extends AsyncDisposable {
  readonly url: string
  /** The stall of whoever is signed in there. */
  stall: string
  /** Whether that person agrees. */
  agrees: boolean
  /** Every token issued. */
  readonly tokens: readonly string[]
}

/** A stand-in for the service: a page where a person agrees at once, and tokens for codes, each code once. */
export async function startMarket(): Promise<Market> {
  const codes = new Map<string, { readonly back: string; readonly challenge: string | null }>()
  const tokens: string[] = []
  const http = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://market')
    if (url.pathname === '/authorize') {
      const back = new URL(url.searchParams.get('redirect_uri') ?? '')
      back.searchParams.set('state', url.searchParams.get('state') ?? '')
      if (market.agrees) {
        const code = `code-${randomUUID()}`
        codes.set(code, {
          back: url.searchParams.get('redirect_uri') ?? '',
          challenge: url.searchParams.get('code_challenge'),
        })
        back.searchParams.set('code', code)
      } else back.searchParams.set('error', 'access_denied')
      return void response.writeHead(302, { location: back.href }).end()
    }
    const { code, redirect_uri, code_verifier } = JSON.parse(await text(request))
    const given = codes.get(code)
    const isGood =
      given?.back === redirect_uri &&
      given?.challenge === hash('sha256', code_verifier, 'base64url')
    codes.delete(code)
    if (!isGood) return void response.writeHead(400).end()
    const access_token = `token-${randomUUID()}`
    tokens.push(access_token)
    response.end(JSON.stringify({ access_token, stall: market.stall }))
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const market: Market = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    stall: 'bears',
    agrees: true,
    tokens,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      await new Promise<void>((done) => http.close(() => done()))
    },
  }
  return market
}
