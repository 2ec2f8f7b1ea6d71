import type { Config } from '../core/config/config.ts'
import { AppError } from '../core/errors.ts'
import { type BodyItem, parseJson } from './body-item.ts'

export type LineLimits = Pick<Config, 'maxLineBytes' | 'maxLines' | 'maxSkippedBytes'>

const NEWLINE = 0x0a

/** Splits bytes into lines, buffering at most one line of the maximum length. */
export interface LineSplitter {
  /** Set by the first exceeded limit; nothing after that is read. */
  readonly broken: AppError | undefined
  /** The lines that a chunk completes. */
  push(chunk: Buffer): BodyItem[]
  /** The last line, if it is unterminated. */
  end(): BodyItem[]
}

export function createSplitter(limits: LineLimits): LineSplitter {
  let pending: Buffer[] = []
  let pendingBytes = 0
  let skippedBytes = 0
  let line = 0
  let events = 0
  let blanks = 0
  let broken: AppError | undefined

  function finish(items: BodyItem[]): void {
    const index = line++
    const bytes = pendingBytes
    const text = pending.length === 1 ? (pending[0] as Buffer) : Buffer.concat(pending)
    pending = []
    pendingBytes = 0
    if (bytes > limits.maxLineBytes) {
      if (isPastLines(++events)) return
      const message = `the line has ${bytes} bytes, more than ${limits.maxLineBytes}`
      items.push({ index, flaw: 'line_too_long', message })
      return
    }
    if (isBlank(text)) {
      // Blank lines are not events, but a million of them in a small gzip cost as much.
      if (!isPastLines(++blanks)) skip(bytes)
      return
    }
    if (isPastLines(++events)) return
    const parsed = parseJson(text)
    if (parsed.ok) items.push({ index, value: parsed.value })
    else items.push({ index, flaw: 'invalid_json', message: parsed.message })
  }

  function isPastLines(count: number): boolean {
    if (count <= limits.maxLines) return false
    broken = new AppError('too_large', `A request can have at most ${limits.maxLines} lines.`)
    return true
  }

  function skip(bytes: number): void {
    skippedBytes += bytes
    if (skippedBytes <= limits.maxSkippedBytes) return
    broken ??= new AppError(
      'too_large',
      `More than ${limits.maxSkippedBytes} bytes of this request are blank or in lines longer than ` +
        `${limits.maxLineBytes} bytes.`,
    )
  }

  function hold(part: Buffer): void {
    const before = pendingBytes
    pendingBytes += part.length
    if (pendingBytes <= limits.maxLineBytes) {
      if (part.length > 0) pending.push(part)
      return
    }
    // Only the length of an overlong line matters.
    pending = []
    skip(before > limits.maxLineBytes ? part.length : pendingBytes)
  }

  return {
    get broken() {
      return broken
    },
    push(chunk) {
      const items: BodyItem[] = []
      let from = 0
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        hold(chunk.subarray(from, at))
        from = at + 1
        if (!broken) finish(items)
        if (broken) return items
      }
      hold(chunk.subarray(from))
      return items
    },
    end() {
      const items: BodyItem[] = []
      if (pendingBytes > 0 && !broken) finish(items)
      return items
    },
  }
}

/** A loop, not `every`: a callback for each byte costs seconds on a body of blanks. */
function isBlank(text: Buffer): boolean {
  for (let at = 0; at < text.length; at++) {
    const byte = text[at]
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false
  }
  return true
}
