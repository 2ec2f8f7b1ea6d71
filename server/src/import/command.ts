import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import type { NewCreator } from '@creatorflow/shared/features/creators'
import type { Source } from './format.ts'
import { type FormatName, formatNames, formats, isFormatName } from './formats.ts'

export interface Command {
  readonly format: FormatName
  readonly file: string
  readonly creator: NewCreator
  readonly speed: number | undefined
  readonly url: string
  readonly key: string | undefined
  readonly isDryRun: boolean
  readonly report: string | undefined
  /** Begin anew instead of where an interrupted import was. */
  readonly restart: boolean
  /** What of the command line changes how the file is read. */
  readonly how: unknown
  open(path: string): Promise<Source>
}

const common = {
  creator: { type: 'string' },
  speed: { type: 'string' },
  url: { type: 'string', default: 'http://localhost:3000' },
  key: { type: 'string' },
  'time-zone': { type: 'string' },
  currency: { type: 'string', default: 'USD' },
  locale: { type: 'string', default: 'en' },
  'dry-run': { type: 'boolean', default: false },
  report: { type: 'string' },
  restart: { type: 'boolean', default: false },
} as const satisfies ParseArgsOptionsConfig

const FASTEST = 1_000

export const usage = `Usage: npm run import -- FORMAT FILE --creator NAME [options]

Sends a file of events to a running server. Sending the same file again changes nothing, and an import that was
interrupted goes on where it was. Words go to stderr; stdout has one JSON document, the summary.

FORMAT is
${formatNames.map((name) => `  ${name.padEnd(18)}${formats[name].about}`).join('\n')}

  --creator NAME      whose events these are; created when missing, with NAME in small letters as its id
  --dry-run           check everything, send nothing
  --report FILE.csv   write what was rejected: row, column, reason
  --restart           begin anew instead of where an interrupted import was
  --url URL           the server, http://localhost:3000 unless given
  --key KEY           an API key that may write events; not needed beside a server with the embedded database
  --time-zone ZONE    of a creator that is created, such as Europe/Berlin; this machine's unless given
  --currency CODE     of a creator that is created, USD unless given
  --locale TAG        of a creator that is created, en unless given

tiktok-live:
  --speed N           play it as if it happened now, N times as fast, on the creator NAME-replay

csv:
${formats.csv.usage}`

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
  const creator = creatorOf(name, speed !== undefined, {
    time_zone: checkedZone(values['time-zone']),
    currency: values.currency,
    locale: values.locale,
  })
  const { key: _key, report: _report, restart, 'dry-run': isDryRun, ...how } = values
  return {
    format,
    file,
    creator,
    speed,
    url: values.url,
    key: values.key,
    isDryRun,
    report: values.report,
    restart,
    how: [format, how],
    open: chosen.prepare(values, creator),
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
