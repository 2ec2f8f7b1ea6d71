import { csv } from './formats/csv/csv.ts'
import type { Format } from './formats/format.ts'
import { ndjson } from './formats/ndjson.ts'
import { tiktokLive } from './formats/tiktok-live.ts'

/** Every kind of file that `npm run import` reads: a new one is one file and one line here. */
export const formats = {
  'tiktok-live': tiktokLive,
  csv,
  ndjson,
} as const satisfies Record<string, Format>

export type FormatName = keyof typeof formats

export const formatNames = Object.keys(formats) as readonly FormatName[]

export function isFormatName(name: string): name is FormatName {
  return Object.hasOwn(formats, name)
}
