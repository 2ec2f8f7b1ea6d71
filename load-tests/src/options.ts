import { parseArgs } from 'node:util'

export const scenarioNames = [
  'ingest',
  'delivery',
  'latency',
  'bytes',
  'join',
  'deliveries',
  'queries',
  'recount',
] as const
export type ScenarioName = (typeof scenarioNames)[number]

/** How much a run does. Everything is bounded by these numbers. */
export interface Scale {
  readonly screens: number
  readonly screenProcesses: number
  /** Times that both sides of a ratio are measured, taking turns. */
  readonly rounds: number
  /** Length of each measured stretch. */
  readonly seconds: number
  readonly eventsPerCreatorAndRound: number
  readonly joinEvents: number
  /** LIVEs in the recounted log, and events of each. */
  readonly recount: { readonly lives: number; readonly events: number }
}

const scales: Readonly<Record<'small' | 'full', Scale>> = {
  small: {
    screens: 200,
    screenProcesses: 1,
    rounds: 2,
    seconds: 4,
    eventsPerCreatorAndRound: 1_000,
    joinEvents: 2_000,
    recount: { lives: 10, events: 5_000 },
  },
  full: {
    screens: 1_000,
    screenProcesses: 2,
    rounds: 5,
    seconds: 10,
    eventsPerCreatorAndRound: 10_000,
    joinEvents: 20_000,
    recount: { lives: 20, events: 25_000 },
  },
}

export interface Options {
  readonly scenarios: readonly ScenarioName[]
  readonly scale: Scale
  readonly scaleName: 'small' | 'full'
  readonly json: boolean
  readonly out: string | undefined
  /** Folder for CPU profiles of the server. */
  readonly profile: string | undefined
}

export const usage = `usage: npm run bench [-- scenario…] [options]
  scenarios           ${scenarioNames.join(', ')} (default: all)
  --scale small|full  number of screens, rounds and events (default: full)
  --seconds N         seconds per measurement, 1 to 120
  --screens N         number of screens, 1 to 5000
  --rounds N          rounds per comparison, 1 to 20
  --lives N           LIVEs in the recounted log, 1 to 400
  --json              print the figures as JSON instead of a table
  --out FILE          also write the figures to a JSON file
  --profile FOLDER    write CPU profiles of the servers, and print the costliest functions`

/** Thrown for an invalid command line; the message says what is wrong. */
export class UsageError extends Error {}

/** Reads the command line; throws a `UsageError`. */
export function parseOptions(argv: readonly string[]): Options {
  const { values, positionals } = parsed(argv)
  const scaleName = values.scale ?? 'full'
  if (scaleName !== 'small' && scaleName !== 'full') {
    throw new UsageError(`--scale must be small or full, not "${scaleName}"`)
  }
  const unknown = positionals.find((name) => !isScenario(name))
  if (unknown !== undefined) throw new UsageError(`unknown scenario "${unknown}"`)
  const scale = { ...scales[scaleName] }
  return {
    scenarios: scenarioNames.filter((name) => !positionals.length || positionals.includes(name)),
    scaleName,
    scale: {
      ...scale,
      seconds: whole('seconds', values.seconds, 120) ?? scale.seconds,
      screens: whole('screens', values.screens, 5_000) ?? scale.screens,
      rounds: whole('rounds', values.rounds, 20) ?? scale.rounds,
      recount: {
        ...scale.recount,
        lives: whole('lives', values.lives, 400) ?? scale.recount.lives,
      },
    },
    json: values.json ?? false,
    out: values.out,
    profile: values.profile,
  }
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        scale: { type: 'string' },
        seconds: { type: 'string' },
        screens: { type: 'string' },
        rounds: { type: 'string' },
        lives: { type: 'string' },
        json: { type: 'boolean' },
        out: { type: 'string' },
        profile: { type: 'string' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function whole(name: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= most) return Number(text)
  throw new UsageError(`--${name} must be a whole number from 1 to ${most}, not "${text}"`)
}

function isScenario(name: string): name is ScenarioName {
  return scenarioNames.includes(name as ScenarioName)
}
