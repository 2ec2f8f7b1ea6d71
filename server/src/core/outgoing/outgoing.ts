import { type LookupAddress, type LookupOptions, lookup as lookupBySystem } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { type AllowedHosts, isPublicAddress } from './addresses.ts'

/** A request to an address that a person entered. */
export interface OutgoingRequest {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** Why there is no answer: the address is forbidden, which no repetition changes, or it did not work. */
export type OutgoingProblem = 'forbidden' | 'unreachable' | 'timeout'

export type OutgoingAnswer =
  | {
      readonly ok: true
      readonly status: number
      readonly headers: IncomingHttpHeaders
      /** Its beginning. */
      readonly body: string
    }
  | { readonly ok: false; readonly problem: OutgoingProblem; readonly text: string }

/** POSTs to addresses that people entered, which must lead nowhere inside. */
export interface Outgoing {
  /** Follows no redirect. Never rejects. */
  post(request: OutgoingRequest): Promise<OutgoingAnswer>
  /** Why an address is refused already for how it is written; undefined if it may be tried. */
  refusal(url: string): string | undefined
}

/** Every address of a host name. */
export type ResolveAll = (host: string) => Promise<readonly LookupAddress[]>

export interface OutgoingOptions {
  readonly allowed: AllowedHosts
  /** For the whole exchange. */
  readonly timeoutMs: number
  /** Until the head of the answer is there. */
  readonly headTimeoutMs?: number
  readonly resolve?: ResolveAll
}

/** What of an answer is read: enough to say why it refused. */
const BODY_BYTES = 16_384
const URL_CHARACTERS = 2_000

export function createOutgoing(options: OutgoingOptions): Outgoing {
  const { allowed, timeoutMs, headTimeoutMs = timeoutMs / 2 } = options
  const resolve = options.resolve ?? resolverFor(allowed)

  /** An address that is not public only if it is listed; one without TLS likewise. */
  function mayConnect(url: URL, address: string): boolean {
    if (allowed.hasName(url.hostname) || allowed.hasAddress(address)) return true
    return url.protocol === 'https:' && isPublicAddress(address)
  }

  /** Resolves once: the connection goes to an address that was checked, never to a second answer. */
  function guardedLookup(url: URL): LookupFunction {
    return (host, { all, family }: LookupOptions, done) => {
      resolve(host).then(
        (found) => {
          const open = found.filter(
            (one) => (!family || one.family === family) && mayConnect(url, one.address),
          )
          const [first] = open
          if (!first) done(new ForbiddenAddress(), '', 0)
          else if (all) done(null, [...open])
          else done(null, first.address, first.family)
        },
        (error: NodeJS.ErrnoException) => done(error, '', 0),
      )
    }
  }

  function refusal(text: string): string | undefined {
    const url = parsed(text)
    if (typeof url === 'string') return url
    const host = hostOf(url)
    const isListed = allowed.hasName(host)
    if (isIP(host) && !mayConnect(url, host)) {
      return isPublicAddress(host) ? needsTls : forbiddenText
    }
    if (isIP(host) || isListed) return undefined
    // A name may still resolve to a listed network, which only a connection finds out.
    if (url.protocol === 'http:' && !allowed.hasNetworks) return needsTls
    return /(^|\.)localhost\.?$/i.test(host) && !allowed.hasNetworks ? forbiddenText : undefined
  }

  return {
    refusal,
    async post(given) {
      const refused = refusal(given.url)
      if (refused !== undefined) return { ok: false, problem: 'forbidden', text: refused }
      const url = new URL(given.url)
      const whole = AbortSignal.timeout(timeoutMs)
      try {
        return await exchange(url, given, { whole, headTimeoutMs, lookup: guardedLookup(url) })
      } catch (error) {
        if (whole.aborted || error instanceof LateHead) {
          return { ok: false, problem: 'timeout', text: 'It did not answer in time.' }
        }
        if (error instanceof ForbiddenAddress) {
          const text = url.protocol === 'https:' ? forbiddenText : needsTls
          return { ok: false, problem: 'forbidden', text }
        }
        return { ok: false, problem: 'unreachable', text: wordsOf(error) }
      }
    },
  }
}

const forbiddenText =
  'This address is not public. The operator of this server can allow it with ALERT_TARGETS_ALLOWED.'
const needsTls =
  'The address must start with https://. The operator of this server can allow others with ALERT_TARGETS_ALLOWED.'

class ForbiddenAddress extends Error {}
class LateHead extends Error {}

/** The URL, or why it is none that a request may go to. */
function parsed(text: string): URL | string {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) return 'The address must start with https://.'
  if (url.username || url.password) return 'The address must not contain a user name or password.'
  if (text.length > URL_CHARACTERS) return `The address has more than ${URL_CHARACTERS} characters.`
  return url
}

const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '')

interface Limits {
  readonly whole: AbortSignal
  readonly headTimeoutMs: number
  readonly lookup: LookupFunction
}

/** On a connection of its own, which ends with it. */
function exchange(
  url: URL,
  { headers, body }: OutgoingRequest,
  { whole, headTimeoutMs, lookup }: Limits,
): Promise<OutgoingAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<OutgoingAnswer>()
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const request = send(url, {
    method: 'POST',
    agent: false,
    lookup,
    signal: whole,
    headers: {
      ...headers,
      'user-agent': 'CreatorFlow-Live',
      'content-length': String(Buffer.byteLength(body)),
    },
  })
  const late = setTimeout(() => request.destroy(new LateHead()), headTimeoutMs)
  // After the answer, what happens to the connection is nobody's concern.
  request.on('error', reject)
  // A lookup that never ends is not interrupted by the request's own end.
  whole.addEventListener('abort', () => reject(whole.reason), { once: true })
  request.on('response', (response) => {
    clearTimeout(late)
    readBeginning(response).then((read) => {
      request.destroy()
      resolve({ ok: true, status: response.statusCode ?? 0, headers: response.headers, body: read })
    }, reject)
  })
  request.end(body)
  return promise.finally(() => {
    clearTimeout(late)
    request.destroy()
  })
}

/** A receiver that sends forever is heard until the bound. */
async function readBeginning(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of response as AsyncIterable<Buffer>) {
    pieces.push(piece)
    bytes += piece.length
    if (bytes >= BODY_BYTES) break
  }
  return Buffer.concat(pieces).subarray(0, BODY_BYTES).toString()
}

/**
 * Asks the name servers, in the event loop: the system's resolver takes one of few threads, which a name that is
 * answered slowly on purpose would keep from everybody's passwords. Listed names may stand in a hosts file.
 */
function resolverFor(allowed: AllowedHosts): ResolveAll {
  return async (host) => {
    if (allowed.hasName(host)) return resolveBySystem(host)
    const resolver = new Resolver({ timeout: 2_000, tries: 2 })
    const [four, six] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    const found = [
      ...(four.status === 'fulfilled' ? four.value.map((address) => ({ address, family: 4 })) : []),
      ...(six.status === 'fulfilled' ? six.value.map((address) => ({ address, family: 6 })) : []),
    ]
    if (found.length === 0 && four.status === 'rejected') throw four.reason
    return found
  }
}

function resolveBySystem(host: string): Promise<readonly LookupAddress[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly LookupAddress[]>()
  lookupBySystem(host, { all: true }, (error, found) => (error ? reject(error) : resolve(found)))
  return promise
}

function wordsOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (/^(ENOTFOUND|ENODATA|ESERVFAIL|EAI_\w+)$/.test(code)) return 'The host name was not found.'
  if (code === 'ECONNREFUSED') return 'Nothing accepts connections at this address.'
  if (code === 'ETIMEOUT') return 'The name server did not answer in time.'
  if (/CERT|SELF_SIGNED|ALTNAME|UNABLE_TO/.test(code)) {
    return `The certificate of this address is not valid (${code}).`
  }
  return code ? `The connection failed (${code}).` : 'The connection failed.'
}
