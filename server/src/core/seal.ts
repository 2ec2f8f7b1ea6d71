import { createCipheriv, createDecipheriv, hash, randomBytes, randomUUID } from 'node:crypto'
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inWords, makeDataDir } from '@creatorflow/db/data-dir'
import { errorCode } from '@creatorflow/db/database'

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
const keyIdBytes = 4
const version = 1
const headBytes = 1 + keyIdBytes + nonceBytes

/** Where the key is; see SECRET_KEY. */
export interface SealConfig {
  readonly secretKey: Buffer | undefined
  readonly secretKeyPrevious?: Buffer | undefined
  readonly dataDir: string
}

export interface Sealer {
  /** AES-256-GCM; a sealed text opens only in its own context. */
  seal(secret: string, context: string): Uint8Array
  /** Throws for changed text and for another context, and `OtherKeyError` for another key. */
  open(sealed: Uint8Array, context: string): string
  /** Which key sealed it: this server's, the previous one, or an unknown one. */
  keyOf(sealed: Uint8Array): 'current' | 'previous' | 'unknown'
}

/** Text sealed with a key other than this server's. */
export class OtherKeyError extends Error {
  constructor() {
    super(
      'This secret was encrypted with a different SECRET_KEY. Restart with the original key, or set it as SECRET_KEY_PREVIOUS.',
    )
    this.name = 'OtherKeyError'
  }
}

/**
 * Encrypts secrets that must be read again, with `SECRET_KEY` or a key that is created in `DATA_DIR` on first
 * use.
 */
export function createSealer(config: SealConfig): Sealer {
  let known: SealingKey | undefined
  const own = () => {
    known ??= withId(config.secretKey ?? keyOfFolder(config.dataDir))
    return known
  }
  const previous = config.secretKeyPrevious && withId(config.secretKeyPrevious)

  function keyFor(bytes: Buffer): SealingKey | undefined {
    if (bytes[0] !== version || bytes.length < headBytes + tagBytes) {
      throw new Error('a sealed secret has another form')
    }
    const id = bytes.subarray(1, 1 + keyIdBytes)
    return [own(), previous].find((key) => key && id.equals(key.id))
  }

  return {
    seal(secret, context) {
      const { key, id } = own()
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.of(version), id, nonce, text, cipher.getAuthTag()])
    },
    open(sealed, context) {
      const bytes = Buffer.from(sealed)
      const found = keyFor(bytes)
      if (!found) throw new OtherKeyError()
      const nonce = bytes.subarray(1 + keyIdBytes, headBytes)
      const decipher = createDecipheriv('aes-256-gcm', found.key, nonce, {
        authTagLength: tagBytes,
      })
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(-tagBytes))
      const text = bytes.subarray(headBytes, -tagBytes)
      return Buffer.concat([decipher.update(text), decipher.final()]).toString()
    },
    keyOf(sealed) {
      const key = keyFor(Buffer.from(sealed))
      if (!key) return 'unknown'
      return key === own() ? 'current' : 'previous'
    },
  }
}

interface SealingKey {
  readonly key: Uint8Array
  readonly id: Uint8Array
}

function withId(key: Uint8Array): SealingKey {
  return { key, id: hash('sha256', key, 'buffer').subarray(0, keyIdBytes) }
}

/** The key of a data folder; the first process that needs it creates it. */
function keyOfFolder(dataDir: string): Uint8Array {
  const file = join(dataDir, 'secret.key')
  const key = inWords(dataDir, () => {
    if (!existsSync(file)) makeKey(dataDir, file)
    return Buffer.from(readFileSync(file, 'utf8').trim(), 'base64')
  })
  if (key.length !== keyBytes)
    throw new Error(`${file} does not contain a ${keyBytes}-byte key in base64`)
  return key
}

function makeKey(dataDir: string, file: string): void {
  makeDataDir(dataDir)
  const own = `${file}.${randomUUID()}`
  writeFileSync(own, `${randomBytes(keyBytes).toString('base64')}\n`, { mode: 0o600 })
  try {
    // Written whole, and the first one stays: another process may write too.
    linkSync(own, file)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  } finally {
    rmSync(own)
  }
}
