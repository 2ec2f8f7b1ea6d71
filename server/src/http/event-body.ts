import type { IncomingMessage } from 'node:http'
import type { Config } from '../core/config/config.ts'
import { AppError } from '../core/errors.ts'
import { type ByteLimits, decompressed } from './body-bytes.ts'
import { type BodyItem, parseJson } from './body-item.ts'
import { createSplitter, type LineLimits } from './body-lines.ts'

export type BodyLimits = ByteLimits &
  LineLimits &
  Pick<Config, 'maxBodyBytes' | 'maxEventsPerJson' | 'maxDecompressedBytes'>

/**
 * Reads a body of events: one event, a JSON array, or NDJSON; gzip allowed.
 * Throws `unsupported_media`, `invalid_input` (not JSON at all) and `too_large`. NDJSON is yielded as it
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
  const body = parseJson(Buffer.concat(chunks))
  if (!body.ok) throw new AppError('invalid_input', `The body is not valid JSON: ${body.message}`)
  const values = Array.isArray(body.value) ? body.value : [body.value]
  if (values.length > limits.maxEventsPerJson) {
    throw new AppError(
      'too_large',
      `The array has ${values.length} events, more than ${limits.maxEventsPerJson}. Send them as NDJSON.`,
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
    if (splitter.broken) throw splitter.broken
  }
  yield splitter.end()
  if (splitter.broken) throw splitter.broken
}
