import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import type { NewCreator } from '@creatorflow/shared/features/creators'
import { isCurrency } from './formats/csv/money.ts'
import { type Context, flagOf, type Source } from './formats/format.ts'
import { type FormatName, formatNames, formats, isFormatName } from './formats.ts'

export interface Command {
  readonly format: FormatName
  readonly file: string
  /** As it is created when it is missing. */
  readonly creator: NewCreator
  /** What was said of its currency and zone; what was not is the creator's own. */
  readonly given: { readonly currency: string | undefined; readonly timeZone: string | undefined }
  readonly speed: number | undefined
  readonly url: string
  readonly key: string | undefined
  readonly isDryRun: boolean
  readonly report: string | undefined
  /** Begin anew instead of where an interrupted import was. */
  readonly restart: boolean
  /** Events without a time happen when they arrive. */
  readonly isNow: boolean
  /** Rejected rows are no failure. */
  readonly allowRejected: boolean
  /** What of the command line changes how the file is read. */
  readonly how: unknown
  open(path: string, context: Context): Promise<Source>
}

const common = {
  creator: { type: 'string' },
  speed: { type: 'string' },
  url: { type: 'string', default: 'http://localhost:3000' },
  key: { type: 'string' },
  'time-zone': { type: 'string' },
  currency: { type: 'string' },
  locale: { type: 'string', default: 'en' },
  'dry-run': { type: 'boolean', default: false },
  report: { type: 'string' },
  restart: { type: 'boolean', default: false },
  'allow-rejected': { type: 'boolean', default: false },
} as const satisfies ParseArgsOptionsConfig

const FASTEST = 1_000
const DEFAULT_CURRENCY = 'USD'

export const usage = `Usage: npm run import -- FORMAT FILE --creator NAME [options]

Sends a file of events to a running server. Sending the same file again changes nothing, and an interrupted import
resumes where it stopped. Messages go to stderr; stdout has one JSON document, the summary.

FORMAT is
${formatNames.map((name) => `  ${name.padEnd(18)}${formats[name].about}`).join('\n')}

  --creator NAME      whose events these are; created when missing, with NAME in small letters as its id
  --dry-run           check everything and send nothing
  --report FILE.csv   write what was rejected: row, column, reason
  --allow-rejected    exit with 0 although rows were rejected
  --restart           start over instead of resuming an interrupted import
  --url URL           the server, http://localhost:3000 unless given
  --key KEY           an API key that may write events; not needed beside a server with the embedded database
  --time-zone ZONE    of times without a zone, such as Europe/Berlin; the creator's unless given
  --currency CODE     of amounts without a currency; the creator's unless given
  --locale TAG        of a creator that is created, en unless given
                      A creator that is created has ZONE (this machine's unless given) and CODE (USD unless given).

tiktok-live:
  --speed N           play it as if it happened now, N times as fast, on the creator NAME-replay

csv:
${formats.csv.usage}

ndjson:
${formats.ndjson.usage}`

/** Reads the arguments after `npm run import --`. Throws an `Error` that says what is wrong with them. */
export function readCommand(args: readonly string[]): Command {
  const [format = ''] = args
  if (!isFormatName(format))
    throw new Error(`The first word must be one of ${formatNames.join(', ')}.`)
  const chosen = formats[format]
  const { values, positionals } = parseArgs({
    args: args.slice(1),
    allowPositionals: true,
    options: { ...('options' in chosen ? chosen.options : {}), ...common },
  })
  const [file, ...rest] = positionals
  if (file === undefined) throw new Error('FILE is missing.')
  if (rest.length > 0) throw new Error(`One FILE at a time; what is "${rest[0]}"?`)
  const name = values.creator?.trim() ?? ''
  if (name === '') throw new Error('--creator NAME is missing.')
  const speed = values.speed === undefined ? undefined : Number(values.speed)
  if (speed !== undefined && format !== 'tiktok-live')
    throw new Error('--speed is for tiktok-live.')
  if (speed !== undefined && !(speed > 0 && speed <= FASTEST)) {
    throw new Error(`--speed must be a number above 0 and up to ${FASTEST}.`)
  }
  if (!URL.canParse(values.url)) throw new Error(`--url ${values.url} is no address.`)
  const timeZone = values['time-zone']
  const { currency } = values
  if (currency !== undefined && !isCurrency(currency)) {
    throw new Error(`--currency ${currency} is no currency code such as EUR.`)
  }
  const creator = creatorOf(name, speed !== undefined, {
    time_zone: checkedZone(timeZone),
    currency: currency ?? DEFAULT_CURRENCY,
    locale: values.locale,
  })
  const {
    key: _key,
    report: _report,
    restart,
    'dry-run': isDryRun,
    'allow-rejected': allowRejected,
    ...how
  } = values
  return {
    format,
    file,
    creator,
    given: { currency, timeZone: timeZone === undefined ? undefined : creator.time_zone },
    speed,
    url: values.url,
    key: values.key,
    isDryRun,
    report: values.report,
    restart,
    isNow: flagOf(values, 'now'),
    allowRejected,
    how: [format, how],
    open: chosen.prepare(values),
  }
}

function creatorOf(
  name: string,
  isReplay: boolean,
  rest: Pick<NewCreator, 'time_zone' | 'currency' | 'locale'>,
): NewCreator {
  const id = slugOf(name)
  if (!isReplay) return { id, name, kind: 'real', ...rest }
  return { id: `${id.slice(0, 57)}-replay`, name: `${name} (replay)`, kind: 'replay', ...rest }
}

function slugOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const slug = plain
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
  if (slug === '') throw new Error('--creator NAME needs a letter from a to z or a digit.')
  return slug
}

function checkedZone(zone: string | undefined): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    throw new Error(`--time-zone ${zone} is no time zone such as Europe/Berlin.`)
  }
}
