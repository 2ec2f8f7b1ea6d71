import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { AppError } from '../../core/errors.ts'

const derive = promisify(argon2)

interface Cost {
  readonly memoryKiB: number
  readonly passes: number
  readonly lanes: number
}

/** OWASP's parameters for argon2id; about 35 ms of one core. */
const cost: Cost = { memoryKiB: 19_456, passes: 2, lanes: 1 }
const saltBytes = 16
const hashBytes = 32
const maxAtOnce = 4
const maxWaiting = 100

export interface PasswordHasher {
  /** The hash in the PHC form, with its salt and cost. */
  hash(password: string): Promise<string>
  /** Takes the same time without a hash to compare with. */
  verify(password: string, stored: string | null): Promise<boolean>
}

/** Hashes passwords with argon2id, a few at once: each takes 19 MB and a core. Past the queue: 503. */
export function createPasswordHasher(): PasswordHasher {
  const limited = createQueue(maxAtOnce, maxWaiting)
  const nobody = encode(cost, randomBytes(saltBytes), randomBytes(hashBytes))

  function hashOf(password: string, salt: Uint8Array, of: Cost): Promise<Buffer> {
    return limited(() =>
      derive('argon2id', {
        // One text has several Unicode forms, and keyboards differ in which they send.
        message: password.normalize('NFKC'),
        nonce: salt,
        memory: of.memoryKiB,
        passes: of.passes,
        parallelism: of.lanes,
        tagLength: hashBytes,
      }),
    )
  }

  return {
    async hash(password) {
      const salt = randomBytes(saltBytes)
      return encode(cost, salt, await hashOf(password, salt, cost))
    },
    async verify(password, stored) {
      const known = decode(stored ?? nobody)
      const given = await hashOf(password, known.salt, known.cost)
      const same = given.length === known.hash.length && timingSafeEqual(given, known.hash)
      return same && stored !== null
    },
  }
}

function encode({ memoryKiB, passes, lanes }: Cost, salt: Uint8Array, hash: Uint8Array): string {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '')
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${text(salt)}$${text(hash)}`
}

const form = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

function decode(stored: string) {
  const [, memory, passes, lanes, salt, hash] = form.exec(stored) ?? []
  if (salt === undefined || hash === undefined) throw new Error('a stored password has no form')
  return {
    cost: { memoryKiB: Number(memory), passes: Number(passes), lanes: Number(lanes) },
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  }
}

/** Runs a few at once, queues some, and rejects the rest. */
function createQueue(atOnce: number, mostWaiting: number) {
  const waiting: (() => void)[] = []
  let running = 0
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= atOnce) {
      if (waiting.length >= mostWaiting) {
        throw new AppError(
          'unavailable',
          'Too many people are signing in. Try again in a moment.',
          {
            retryAfterMs: 2_000,
          },
        )
      }
      // A finishing task hands its slot on, so nobody else can take it in between.
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
