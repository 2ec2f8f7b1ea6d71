import type { IncomingMessage } from 'node:http'
import { finished } from 'node:stream'
import { createGunzip, type Gunzip } from 'node:zlib'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'

export type BodyLimits = Pick<
  Config,
  | 'maxBodyBytes'
  | 'maxEventsPerJson'
  | 'maxLineBytes'
  | 'maxLines'
  | 'maxDecompressedBytes'
  | 'requestTimeoutMs'
>

/** One value of a body, or why it is none. `index` counts from 0: the place in the array, or the line. */
export type BodyItem =
  | { readonly index: number; readonly value: unknown }
  | {
      readonly index: number
      readonly flaw: 'invalid_json' | 'line_too_long'
      readonly message: string
    }

const NEWLINE = 0x0a
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads a body of events: one event, a JSON array, or NDJSON; gzip allowed.
 * Throws `unsupported_media`, `invalid_input` (no JSON at all) and `too_large`. NDJSON is yielded as it
 * arrives, the lines of a piece together; past its limits it throws after the lines before were yielded.
 */
export async function* readEvents(
  request: IncomingMessage,
  limits: BodyLimits,
): AsyncGenerator<readonly BodyItem[]> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type === 'application/json') yield* readJson(request, limits)
  else if (type === 'application/x-ndjson' || type === 'application/ndjson') {
    yield* readLines(request, limits)
  } else {
    throw new AppError(
      'unsupported_media',
      'Send events as Content-Type application/json or application/x-ndjson.',
    )
  }
}

async function* readJson(
  request: IncomingMessage,
  limits: BodyLimits,
): AsyncGenerator<readonly BodyItem[]> {
  const chunks: Buffer[] = []
  for await (const chunk of decompressed(request, limits, limits.maxBodyBytes)) chunks.push(chunk)
  const body = parse(Buffer.concat(chunks))
  if (!body.ok) throw new AppError('invalid_input', `The body is no JSON: ${body.message}`)
  const values = Array.isArray(body.value) ? body.value : [body.value]
  if (values.length > limits.maxEventsPerJson) {
    throw new AppError(
      'too_large',
      `${values.length} events are more than ${limits.maxEventsPerJson}: send them as NDJSON.`,
    )
  }
  yield values.map((value, index) => ({ index, value }))
}

async function* readLines(
  request: IncomingMessage,
  limits: BodyLimits,
): AsyncGenerator<readonly BodyItem[]> {
  const splitter = createSplitter(limits)
  for await (const chunk of decompressed(request, limits, limits.maxDecompressedBytes)) {
    yield splitter.push(chunk)
    if (splitter.isFull) throw tooManyLines(limits)
  }
  yield splitter.end()
  if (splitter.isFull) throw tooManyLines(limits)
}

/** Splits bytes into lines, holding at most one line of the longest allowed length. */
function createSplitter(limits: BodyLimits) {
  let pending: Buffer[] = []
  let pendingBytes = 0
  let line = 0
  let events = 0
  let blanks = 0
  let isFull = false

  function finish(items: BodyItem[]): void {
    const index = line++
    const bytes = pendingBytes
    const text = pending.length === 1 ? (pending[0] as Buffer) : Buffer.concat(pending)
    pending = []
    pendingBytes = 0
    const isEmpty = bytes <= limits.maxLineBytes && isBlank(text)
    // Empty lines are no events, but a million of them in a small zip cost as much.
    isFull = (isEmpty ? ++blanks : ++events) > limits.maxLines
    if (isFull || isEmpty) return
    if (bytes > limits.maxLineBytes) {
      const message = `the line has ${bytes} bytes, more than ${limits.maxLineBytes}`
      items.push({ index, flaw: 'line_too_long', message })
      return
    }
    const parsed = parse(text)
    if (parsed.ok) items.push({ index, value: parsed.value })
    else items.push({ index, flaw: 'invalid_json', message: parsed.message })
  }

  function hold(part: Buffer): void {
    pendingBytes += part.length
    // Of a line that is too long only the length matters.
    if (pendingBytes > limits.maxLineBytes) pending = []
    else if (part.length > 0) pending.push(part)
  }

  return {
    /** True once there was a line more than allowed; that line and what follows is not looked at. */
    get isFull() {
      return isFull
    },
    /** The lines that a piece completes. */
    push(chunk: Buffer): BodyItem[] {
      const items: BodyItem[] = []
      let from = 0
      for (let at = chunk.indexOf(NEWLINE); at >= 0 && !isFull; at = chunk.indexOf(NEWLINE, from)) {
        hold(chunk.subarray(from, at))
        from = at + 1
        finish(items)
      }
      hold(chunk.subarray(from))
      return items
    },
    /** The last line, when nothing ends it. */
    end(): BodyItem[] {
      const items: BodyItem[] = []
      if (pendingBytes > 0) finish(items)
      return items
    },
  }
}

function isBlank(text: Buffer): boolean {
  return text.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)
}

/** The bytes of a body after gzip; stops with `too_large` at the limit, so that a bomb never unfolds. */
async function* decompressed(
  request: IncomingMessage,
  { requestTimeoutMs }: BodyLimits,
  maxBytes: number,
): AsyncGenerator<Buffer> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new AppError(
      'unsupported_media',
      `Content-Encoding ${encoding.slice(0, 40)} is not known: send gzip.`,
    )
  }
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > maxBytes) throw tooManyBytes(maxBytes)
  let bytes = 0
  try {
    // Its own iterator would destroy the request at a limit, and the answer would never arrive.
    const source =
      encoding === 'gzip' ? unzipped(request) : request.iterator({ destroyOnReturn: false })
    for await (const chunk of withinTime(source as AsyncIterable<Buffer>, requestTimeoutMs)) {
      bytes += chunk.length
      if (bytes > maxBytes) throw tooManyBytes(maxBytes)
      yield chunk
    }
  } catch (error) {
    if (request.destroyed && !request.complete) {
      throw new AppError('invalid_input', 'The body broke off.', { cause: error })
    }
    if (isGzipError(error)) {
      throw new AppError('invalid_input', 'The body is no gzip, or it was cut off.', {
        cause: error,
      })
    }
    throw error
  }
}

/** Limits the time that is spent waiting for chunks; while nobody asks for one, no time runs. */
async function* withinTime(source: AsyncIterable<Buffer>, maxMs: number): AsyncGenerator<Buffer> {
  const chunks = source[Symbol.asyncIterator]()
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  // Somebody listens in each race; between two of them nobody does, and nothing may be rejected.
  tooLate.catch(() => {})
  let left = maxMs
  let waiting = false
  try {
    for (;;) {
      const asked = performance.now()
      const timer = setTimeout(() => {
        reject(new AppError('invalid_input', `The body did not arrive within ${maxMs} ms.`))
      }, left)
      waiting = true
      const next = await Promise.race([chunks.next(), tooLate]).finally(() => clearTimeout(timer))
      waiting = false
      left -= performance.now() - asked
      if (next.done) return
      yield next.value
    }
  } finally {
    // A source that is still waited for cannot be ended before its next chunk.
    if (!waiting) await chunks.return?.()
  }
}

/** Unlike `pipeline`, leaves the request open when unzipping fails: it still has to be answered. */
function unzipped(request: IncomingMessage): Gunzip {
  const gunzip = createGunzip()
  // Without this a caller that hangs up leaves the reader waiting for ever.
  finished(request, (error) => {
    if (error) gunzip.destroy(error)
  })
  return request.pipe(gunzip)
}

/** Most that is read of a body only to be forgotten, and the pause after which no more is expected. */
const discardLimits = { bytes: 64_000_000, pauseMs: 1_000 } as const

/**
 * Reads and forgets what is left of a body that is refused. Most callers read their answer only once they
 * have sent everything: a connection closed before that would take the answer with it.
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

function tooManyLines({ maxLines }: BodyLimits): AppError {
  return new AppError('too_large', `A request may have ${maxLines} lines.`)
}

function tooManyBytes(maxBytes: number): AppError {
  return new AppError('too_large', `The body has more than ${maxBytes} bytes.`)
}

function isGzipError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}

function parse(bytes: Buffer): { ok: true; value: unknown } | { ok: false; message: string } {
  try {
    return { ok: true, value: JSON.parse(strictUtf8.decode(bytes)) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, message: message.slice(0, 200).toWellFormed() }
  }
}
