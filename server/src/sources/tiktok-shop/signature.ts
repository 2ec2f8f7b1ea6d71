import { createHmac, timingSafeEqual } from 'node:crypto'

/** An app's identity at TikTok Shop. */
export interface AppKeys {
  readonly appKey: string
  readonly appSecret: string
}

/**
 * Whether a delivery was signed with the app's secret: lowercase hex of HMAC-SHA256 over the app key and the
 * raw bytes. Constant time.
 */
export function isSigned(
  body: Uint8Array,
  authorization: string | undefined,
  { appKey, appSecret }: AppKeys,
): boolean {
  if (authorization === undefined || !/^[0-9a-f]{64}$/.test(authorization)) return false
  const wanted = createHmac('sha256', appSecret).update(appKey).update(body).digest()
  return timingSafeEqual(wanted, Buffer.from(authorization, 'hex'))
}

/** Parameters that are not signed. */
const unsigned: ReadonlySet<string> = new Set(['sign', 'access_token'])

/** The `sign` of an API request: path, sorted parameters and body between two copies of the secret. */
export function signRequest(
  {
    path,
    query,
    body = '',
  }: {
    readonly path: string
    readonly query: Readonly<Record<string, string>>
    readonly body?: string
  },
  appSecret: string,
): string {
  const parameters = Object.keys(query)
    .filter((name) => !unsigned.has(name))
    .sort()
    .map((name) => `${name}${query[name]}`)
  const message = [appSecret, path, ...parameters, body, appSecret].join('')
  return createHmac('sha256', appSecret).update(message).digest('hex')
}
