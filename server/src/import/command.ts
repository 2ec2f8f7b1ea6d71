import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import type { NewCreator } from '@creatorflow/shared/features/creators'
import { isCurrency } from './formats/csv/money.ts'
import { type Context, flagOf, type Source } from './formats/format.ts'
import { type FormatName, formatNames, formats, isFormatName } from './formats.ts'

export interface Command {
  readonly format: FormatName
  readonly file: string
  /** Its name if it has to be created. */
  readonly creator: NewCreator
  /** Currency and zone as given; otherwise the creator's own. */
  readonly given: { readonly currency: string | undefined; readonly timeZone: string | undefined }
  readonly speed: number | undefined
  readonly url: string
  readonly key: string | undefined
  readonly isDryRun: boolean
  readonly report: string | undefined
  /** Start over instead of resuming an interrupted import. */
  readonly restart: boolean
  /** Events without a time happen when they arrive. */
  readonly isNow: boolean
  /** Rejected rows are not a failure. */
  readonly allowRejected: boolean
  /** Command-line options that change how the file is read. */
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

  --creator NAME      the creator; created if it doesn't exist, with NAME in lowercase as its ID
  --dry-run           check everything without sending
  --report FILE.csv   write rejected rows: row, column, reason
  --allow-rejected    exit with 0 even if rows were rejected
  --restart           start over instead of resuming an interrupted import
  --url URL           the server (default: http://localhost:3000)
  --key KEY           an API key that can send events; not needed on the machine of a server with the embedded database
  --time-zone ZONE    for times without a zone, such as Europe/Berlin (default: the creator's)
  --currency CODE     for amounts without a currency (default: the creator's)
  --locale TAG        for a new creator (default: en)
                      A new creator gets ZONE (default: this machine's) and CODE (default: USD).

tiktok-live:
  --speed N           replay it in real time, N times as fast, as creator NAME-replay

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
  if (rest.length > 0) throw new Error(`Only one FILE at a time; unexpected "${rest[0]}".`)
  const name = values.creator?.trim() ?? ''
  if (name === '') throw new Error('--creator NAME is missing.')
  const speed = values.speed === undefined ? undefined : Number(values.speed)
  if (speed !== undefined && format !== 'tiktok-live')
    throw new Error('--speed works only with tiktok-live.')
  if (speed !== undefined && !(speed > 0 && speed <= FASTEST)) {
    throw new Error(`--speed must be a number above 0 and up to ${FASTEST}.`)
  }
  if (!URL.canParse(values.url)) throw new Error(`--url ${values.url} is not a valid URL.`)
  const timeZone = values['time-zone']
  const { currency } = values
  if (currency !== undefined && !isCurrency(currency)) {
    throw new Error(`--currency ${currency} is not a currency code such as EUR.`)
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
  if (slug === '') throw new Error('--creator NAME must contain a letter a–z or a digit.')
  return slug
}

function checkedZone(zone: string | undefined): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    throw new Error(`--time-zone ${zone} is not a time zone such as Europe/Berlin.`)
  }
}
