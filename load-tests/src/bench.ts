// npm run bench [-- scenario…]: figures and their targets. Exits 0 unless something is broken.
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { dropOpenDatabases } from './bench-database.ts'
import { aimText, budgets } from './budgets.ts'
import { findServices } from './environment.ts'
import { type Options, parseOptions, type ScenarioName, UsageError, usage } from './options.ts'
import { endChildren } from './processes/child.ts'
import { costliestFunctions } from './profile.ts'
import type { BenchContext, Scenario, ScenarioResult } from './scenario.ts'
import { bytes } from './scenarios/bytes.ts'
import { deliveries } from './scenarios/deliveries.ts'
import { delivery } from './scenarios/delivery.ts'
import { ingest } from './scenarios/ingest.ts'
import { join } from './scenarios/join.ts'
import { latency } from './scenarios/latency.ts'
import { queries } from './scenarios/queries.ts'
import { recount } from './scenarios/recount.ts'
import { figureTable } from './table.ts'

const scenarios: Readonly<Record<ScenarioName, Scenario>> = {
  ingest,
  delivery,
  latency,
  bytes,
  join,
  deliveries,
  queries,
  recount,
}

interface Measured extends ScenarioResult {
  readonly name: ScenarioName
  readonly seconds: number
  readonly loadBefore: number
}

const options = optionsOrExit()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    endChildren()
    await dropOpenDatabases()
    process.exit(130)
  })
}

const results: Measured[] = []
for (const name of options.scenarios) {
  const result = await run(name)
  if (result) results.push(result)
}
report(results)

function optionsOrExit(): Options {
  try {
    return parseOptions(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`${error.message}\n\n${usage}`)
    process.exit(2)
  }
}

async function run(name: ScenarioName): Promise<Measured | undefined> {
  const startedAt = performance.now()
  const loadBefore = loadavg()[0] ?? 0
  const say = (line: string) => console.error(`${name}: ${line}`)
  const profile = options.profile && `${options.profile}/${name}`
  if (profile) mkdirSync(profile, { recursive: true })
  const context: BenchContext = { scale: options.scale, services: findServices(), profile, say }
  try {
    const result = await scenarios[name](context)
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    return { name, seconds, loadBefore, ...result }
  } catch (error) {
    say(`broken: ${error instanceof Error ? (error.stack ?? error.message) : error}`)
    process.exitCode = 1
    return undefined
  } finally {
    if (profile) console.error(costliestFunctions(profile))
  }
}

function report(measured: readonly Measured[]): void {
  const json = JSON.stringify(
    {
      at: new Date().toISOString(),
      machine: {
        cores: availableParallelism(),
        model: cpus()[0]?.model ?? 'unknown',
        memoryGb: Math.round(totalmem() / 1e9),
        node: process.version,
      },
      scale: { name: options.scaleName, ...options.scale },
      scenarios: measured.map((scenario) => ({
        ...scenario,
        figures: scenario.figures.map((figure) =>
          'budget' in figure ? { ...figure, aim: aimText(budgets[figure.budget]) } : figure,
        ),
      })),
    },
    null,
    2,
  )
  if (options.out) writeFileSync(options.out, `${json}\n`)
  if (options.json) {
    console.log(json)
    return
  }
  console.log(figureTable(measured))
  for (const line of measured.flatMap(({ notRun }) => notRun ?? [])) {
    console.log(`not measured: ${line}`)
  }
}
