import type { DeadLetter } from '@creatorflow/shared/features/dead-letters'
import type { SourceKind } from '@creatorflow/shared/features/sources'
import { INSIDE, THIS_SERVER } from '@creatorflow/shared/sources'
import { localText } from '#lib/catalogue.ts'
import { m } from '#messages'

/** What the page asks for; empty is everything. */
export interface LetterFilter {
  /** A kind of source, or `INSIDE`. */
  readonly source: string
  readonly state: 'waiting' | 'replayed' | 'all'
}

/** A filter from the page's own address, so that other pages can lead here. */
export function filterOf(search: Pick<URLSearchParams, 'get'>): LetterFilter {
  const source = search.get('source') ?? ''
  const state = (['replayed', 'all'] as const).find((one) => one === search.get('state'))
  return { source, state: state ?? 'waiting' }
}

/** The same as a query, without what is not filtered by. */
export function queryOf(
  { source, state }: LetterFilter,
  more: Readonly<Record<string, string>> = {},
): string {
  return new URLSearchParams({
    ...more,
    ...(source && { source }),
    ...(state !== 'waiting' && { state }),
  }).toString()
}

/** What letters can be filtered by, and what people call it; what the address asks for is always among them. */
export function sourceChoices(
  kinds: readonly Pick<SourceKind, 'kind' | 'name'>[],
  asked: string,
): readonly (readonly [source: string, name: string])[] {
  const names = new Map([
    [INSIDE, localText(THIS_SERVER)],
    ...kinds.map(({ kind, name }) => [kind, name] as const),
  ])
  if (asked !== '' && !names.has(asked)) names.set(asked, asked)
  return [...names]
}

/** Where a letter came from, by the name of its source where it is still there. */
export function fromWords({
  kind_name,
  source_name,
}: Pick<DeadLetter, 'kind_name' | 'source_name'>) {
  return source_name ?? kind_name
}

export function sizeWords(bytes: number, locale?: string): string {
  const format = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format
  if (bytes < 1_000) return m.dead_letters_bytes_b({ bytes: format(bytes) })
  return bytes < 1_000_000
    ? m.dead_letters_bytes_kb({ bytes: format(bytes / 1_000) })
    : m.dead_letters_bytes_mb({ bytes: format(bytes / 1_000_000) })
}

/** Most characters of a letter that are drawn. */
export const SHOWN_CHARACTERS = 50_000

/** A letter as it is read: JSON laid out, and no more than a page can bear. */
export function readable({
  body,
  encoding,
}: {
  readonly body: string
  readonly encoding: 'text' | 'base64'
}): { readonly text: string; readonly left: number } {
  const text = encoding === 'text' ? laidOut(body) : hexOf(body)
  return {
    text: text.slice(0, SHOWN_CHARACTERS),
    left: Math.max(0, text.length - SHOWN_CHARACTERS),
  }
}

function laidOut(body: string): string {
  // Numbers above 2^53 would be shown as others: such a text stays as it came.
  if (/\d{16}/.test(body.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""'))) return body
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2)
  } catch {
    return body
  }
}

const BYTES_IN_LINE = 16

/** Bytes as one reads them: their place, in hex, and what of them is a character. */
function hexOf(base64: string): string {
  const most = (SHOWN_CHARACTERS / 70) * BYTES_IN_LINE * 1.4
  const bytes = Array.from(atob(base64).slice(0, most), (one) => one.charCodeAt(0))
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += BYTES_IN_LINE) {
    const line = bytes.slice(at, at + BYTES_IN_LINE)
    const hex = line.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = line.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '·'))
    lines.push(
      `${at.toString(16).padStart(6, '0')}  ${hex.padEnd(BYTES_IN_LINE * 3)} ${text.join('')}`,
    )
  }
  return lines.join('\n')
}

/** How far a replay is, and how it went when it is over. */
export function progressWords(
  { replayed, failed }: { readonly replayed: number; readonly failed: number },
  isOver: boolean,
): string {
  if (!isOver) return m.dead_letters_replaying({ n: replayed + failed })
  if (replayed + failed === 0) return m.dead_letters_nothing_to_replay()
  if (failed === 0) return m.dead_letters_replayed_and_counted({ n: replayed })
  const rest = m.dead_letters_failed_again({ n: failed })
  return replayed === 0 ? rest : m.dead_letters_replayed_and_rest({ n: replayed, rest })
}
