import type { Services } from './environment.ts'
import type { Scale } from './options.ts'
import type { Figure } from './table.ts'

export interface BenchContext {
  readonly scale: Scale
  readonly services: Services
  readonly profile: string | undefined
  /** Reports progress to whoever waits. */
  say(line: string): void
}

export interface ScenarioResult {
  readonly figures: readonly Figure[]
  /** How it was measured, in words. */
  readonly method: string
  /** Everything the figures are made of. */
  readonly details: Readonly<Record<string, unknown>>
  /** What could not be measured, why, and how to get it. */
  readonly notRun?: readonly string[]
}

/** One measurement. Throws only if it is broken: a missed target is a result like any other. */
export type Scenario = (context: BenchContext) => Promise<ScenarioResult>

export const noDatabase =
  'no DATABASE_URL and no .services/env: start a TimescaleDB with `npm run services`, ' +
  'or set DATABASE_URL to one whose role can create databases'
