import { linesOf } from '../../core/text/lines.ts'
import { checkedEncoding, openText } from '../../core/text/text.ts'
import { type Format, flagOf, type Item, type Source, textOf } from './format.ts'

/** Events in our own format, one JSON object per line. */
export const ndjson: Format = {
  about: 'events in this server’s own format, one JSON object per line',
  options: {
    now: { type: 'boolean', default: false },
    encoding: { type: 'string' },
  },
  usage: `  --now               events without ts happen right now; otherwise they are rejected
  --encoding NAME     if the file is not UTF-8 or UTF-16, such as shift_jis`,
  prepare(values) {
    const isNow = flagOf(values, 'now')
    const given = textOf(values, 'encoding')
    const encoding = given === undefined ? undefined : checkedEncoding(given)
    return (path) => openEvents(path, encoding, isNow)
  },
}

async function openEvents(
  path: string,
  encoding: string | undefined,
  isNow: boolean,
): Promise<Source> {
  const file = await openText(path, encoding)
  let bytesRead = 0
  return {
    get bytesRead() {
      return bytesRead
    },
    async *items(): AsyncGenerator<Item> {
      for await (const { number: row, text, end } of linesOf(file)) {
        bytesRead = end
        yield readLine(row, text, isNow)
      }
    },
  }
}

function readLine(row: number, text: string, isNow: boolean): Item {
  const rejected = (column: string, reason: string, code?: string): Item => ({
    kind: 'rejected',
    row,
    column,
    reason,
    ...(code !== undefined && { code }),
  })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return rejected('', `not valid JSON: ${(error as Error).message}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return rejected('', 'not a JSON object')
  }
  if (!isNow && (value as { ts?: unknown }).ts == null) {
    return rejected(
      'ts',
      'the event has no ts; add one, or use --now if it happens right now',
      'no_time',
    )
  }
  return { kind: 'event', row, value: value as Readonly<Record<string, unknown>> }
}
