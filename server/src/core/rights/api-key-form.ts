import { hash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'

export interface ParsedApiKey {
  readonly id: string
  readonly secret: string
}

export const apiKeyForm =
  'cf_live_, then an id of 8 letters or digits, then _, then a secret of 43 base64url characters'

const pattern = /^cf_live_([A-Za-z0-9]{8})_([A-Za-z0-9_-]{43})$/
const idAlphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** The id and the secret of a key, or null if the text has another format. */
export function parseApiKey(text: string): ParsedApiKey | null {
  const match = pattern.exec(text)
  if (!match) return null
  const [, id = '', secret = ''] = match
  return { id, secret }
}

/** Creates a key: a readable id to find it by and 256 random bits that nobody can guess. */
export function mintApiKey(): ParsedApiKey & { readonly key: string } {
  const id = Array.from({ length: 8 }, () => idAlphabet[randomInt(idAlphabet.length)]).join('')
  const secret = mintSecret()
  return { id, secret, key: `cf_live_${id}_${secret}` }
}

/** 32 random bytes as 43 base64url characters. */
export function mintSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** SHA-256 as hex. Fast on purpose: the input is random, so there is nothing to guess. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'hex')
}

/** Compares a secret with a stored hash in constant time. */
export function secretMatches(secret: string, hashHex: string): boolean {
  const given = Buffer.from(hashSecret(secret), 'hex')
  const stored = Buffer.from(hashHex, 'hex')
  return given.length === stored.length && timingSafeEqual(given, stored)
}
