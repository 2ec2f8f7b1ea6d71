import { createHmac, timingSafeEqual } from 'node:crypto'

/** Shopify's signature of a body: HMAC-SHA256 with the client secret over the raw bytes, in base64. */
export function signatureOf(body: Uint8Array, clientSecret: string): string {
  return createHmac('sha256', clientSecret).update(body).digest('base64')
}

/** Whether a signature matches these exact bytes, in constant time. */
export function isSigned(
  body: Uint8Array,
  signature: string | undefined,
  clientSecret: string | undefined,
): boolean {
  if (!signature || !clientSecret) return false
  const given = Buffer.from(signature)
  const wanted = Buffer.from(signatureOf(body, clientSecret))
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
