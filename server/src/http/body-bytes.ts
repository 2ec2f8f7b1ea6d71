import type { IncomingMessage } from 'node:http'
import { finished } from 'node:stream'
import { createGunzip, type Gunzip } from 'node:zlib'
import type { Config } from '../core/config/config.ts'
import { AppError } from '../core/errors.ts'

export type ByteLimits = Pick<Config, 'requestTimeoutMs' | 'maxGzipRatio'>

/** What any gzip may unpack to before its ratio counts: a small body of blanks harms nobody. */
const RATIO_FROM_BYTES = 1_000_000

/** The unpacked bytes of a body; stops with `too_large` at the first exceeded limit, so a bomb never unpacks. */
export async function* decompressed(
  request: IncomingMessage,
  { requestTimeoutMs, maxGzipRatio }: ByteLimits,
  maxBytes: number,
): AsyncGenerator<Buffer> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new AppError(
      'unsupported_media',
      `Content-Encoding ${encoding.slice(0, 40)} is not supported: send gzip.`,
    )
  }
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > maxBytes) throw tooManyBytes(maxBytes)
  let bytes = 0
  try {
    const gunzip = encoding === 'gzip' ? unzipped(request) : undefined
    // Its own iterator would destroy the request at a limit, and the answer would never arrive.
    const source = gunzip ?? request.iterator({ destroyOnReturn: false })
    for await (const chunk of withinTime(source as AsyncIterable<Buffer>, requestTimeoutMs)) {
      bytes += chunk.length
      if (bytes > maxBytes) throw tooManyBytes(maxBytes)
      if (gunzip && bytes > RATIO_FROM_BYTES && bytes > maxGzipRatio * gunzip.bytesWritten) {
        throw new AppError(
          'too_large',
          `The body unpacks to more than ${maxGzipRatio} times its compressed size.`,
        )
      }
      yield chunk
    }
  } catch (error) {
    if (request.destroyed && !request.complete) {
      throw new AppError('invalid_input', 'The body was cut off.', { cause: error })
    }
    if (isGzipError(error)) {
      throw new AppError('invalid_input', 'The body is not valid gzip, or it was cut off.', {
        cause: error,
      })
    }
    throw error
  }
}

/** Limits the time spent waiting for chunks; while nobody asks for one, no time runs. */
async function* withinTime(source: AsyncIterable<Buffer>, maxMs: number): AsyncGenerator<Buffer> {
  const chunks = source[Symbol.asyncIterator]()
  let left = maxMs
  let waiting = false
  try {
    for (;;) {
      const asked = performance.now()
      waiting = true
      const next = await inTime(chunks.next(), left, maxMs)
      waiting = false
      left -= performance.now() - asked
      if (next.done) return
      yield next.value
    }
  } finally {
    // A source being awaited cannot be ended before its next chunk.
    if (!waiting) await chunks.return?.()
  }
}

/**
 * A separate promise for each chunk: a race against one that lives as long as the request would keep every
 * chunk until its end.
 */
function inTime<T>(chunk: Promise<T>, leftMs: number, maxMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => {
        reject(new AppError('invalid_input', `The body did not arrive within ${maxMs} ms.`))
      },
      Math.max(0, leftMs),
    )
    chunk.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Unlike `pipeline`, leaves the request open when unzipping fails: it still has to be answered. */
function unzipped(request: IncomingMessage): Gunzip {
  const gunzip = createGunzip()
  // Otherwise a caller that hangs up leaves the reader waiting forever.
  finished(request, (error) => {
    if (error) gunzip.destroy(error)
  })
  return request.pipe(gunzip)
}

/** Most of a body that is read only to be discarded, and the pause after which no more is expected. */
const discardLimits = { bytes: 64_000_000, pauseMs: 1_000 } as const

/**
 * Reads and discards the rest of a refused body. Most callers read their answer only after sending
 * everything: closing the connection earlier would lose the answer.
 */
export async function discardRest(request: IncomingMessage): Promise<void> {
  let left: number = discardLimits.bytes
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, discardLimits.pauseMs)
  const forget = (chunk: Buffer) => {
    timer.refresh()
    left -= chunk.length
    if (left < 0) resolve()
  }
  finished(request, () => resolve())
  // Explicitly: after `unpipe` a listener alone does not start the flow.
  request.on('data', forget).resume()
  await promise
  clearTimeout(timer)
  request.off('data', forget).pause()
}

function tooManyBytes(maxBytes: number): AppError {
  return new AppError('too_large', `The body has more than ${maxBytes} bytes.`)
}

function isGzipError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}
