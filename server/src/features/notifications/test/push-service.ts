import {
  createDecipheriv,
  createECDH,
  createHmac,
  createPublicKey,
  randomBytes,
  verify,
} from 'node:crypto'
import type { Received } from './services.ts'

/** A browser with its subscription, which can read what it is sent. */
export interface TestBrowser {
  readonly body: {
    readonly endpoint: string
    readonly keys: { readonly p256dh: string; readonly auth: string }
  }
  /** Decrypts as RFC 8291 says, after checking the signature of VAPID with this public key. */
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads is checked by its expectations.
  read(received: Received, publicKey: string): any
}

export function newBrowser(serviceUrl: string): TestBrowser {
  const ecdh = createECDH('prime256v1')
  const own = ecdh.generateKeys()
  const auth = randomBytes(16)
  return {
    body: {
      endpoint: `${serviceUrl}/push/${randomBytes(8).toString('hex')}`,
      keys: { p256dh: own.toString('base64url'), auth: auth.toString('base64url') },
    },
    read({ headers, body }, publicKey) {
      if (headers['content-encoding'] !== 'aes128gcm') throw new Error('another encoding')
      const claims = checkVapid(
        String(headers.authorization),
        publicKey,
        new URL(serviceUrl).origin,
      )
      // RFC 8188: salt, record size, length of the key id, key id, one record.
      const salt = body.subarray(0, 16)
      const idLength = body[20] ?? 0
      const sender = body.subarray(21, 21 + idLength)
      const record = body.subarray(21 + idLength)
      const shared = ecdh.computeSecret(sender)
      const info = Buffer.concat([Buffer.from('WebPush: info\0'), own, sender])
      const ikm = hkdf(auth, shared, info, 32)
      const key = hkdf(salt, ikm, Buffer.from('Content-Encoding: aes128gcm\0'), 16)
      const nonce = hkdf(salt, ikm, Buffer.from('Content-Encoding: nonce\0'), 12)
      const decipher = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(record.subarray(-16))
      const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()])
      const end = padded.lastIndexOf(2)
      return {
        claims,
        ttl: headers.ttl,
        urgency: headers.urgency,
        ...JSON.parse(padded.subarray(0, end).toString()),
      }
    },
  }
}

function hkdf(salt: Uint8Array, ikm: Uint8Array, info: Uint8Array, length: number): Buffer {
  const prk = createHmac('sha256', salt).update(ikm).digest()
  return createHmac('sha256', prk).update(info).update(Buffer.of(1)).digest().subarray(0, length)
}

/** The claims of `vapid t=…, k=…`, once the signature is right. */
function checkVapid(header: string, publicKey: string, audience: string): { sub: string } {
  const [, token = '', k] = /^vapid t=([^,\s]+),\s*k=(\S+)$/.exec(header) ?? []
  if (k !== publicKey) throw new Error('signed by another server')
  const [head = '', claims = '', signature = ''] = token.split('.')
  const point = Buffer.from(publicKey, 'base64url')
  const key = createPublicKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
  })
  const isGood = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  if (!isGood) throw new Error('the signature is wrong')
  const read = JSON.parse(Buffer.from(claims, 'base64url').toString())
  if (read.aud !== audience || read.exp < Date.now() / 1_000) throw new Error('the token is wrong')
  return read
}
