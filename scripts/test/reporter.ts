import { writeFileSync } from 'node:fs'
import type { SerializedError } from 'vitest'
import type { Reporter, TestModule, TestSuite, Vitest } from 'vitest/node'
import type {} from './backends.ts'
import { skippedIn } from './skipped.ts'
import { type Counts, summaryLine } from './summary.ts'

/** Names what was not run, and counts all failures: tests, files, hooks, stray errors. */
export default class SummaryReporter implements Reporter {
  private vitest: Vitest | undefined

  onInit(vitest: Vitest) {
    this.vitest = vitest
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]) {
    const counts: Counts = { passed: 0, failed: unhandled.length, skipped: 0 }
    for (const module of modules) {
      counts.failed += module.errors().length
      for (const suite of module.children.allSuites()) counts.failed += hookErrors(suite)
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state !== 'pending') counts[state]++
      }
    }
    const notRun = this.vitest?.getProvidedContext().backends?.notRun ?? []
    for (const what of notRun) console.log(`not run: ${what}`)
    // With a name pattern, all others are skipped on purpose.
    const chosen = this.vitest?.config.testNamePattern ? [] : modules
    for (const module of chosen)
      for (const { name, tests } of skippedIn(module))
        console.log(
          `not run: ${module.relativeModuleId}: ${name}${tests > 1 ? ` (${tests} tests)` : ''}`,
        )
    // scripts/test.ts asks for the counts, to print them when nothing can follow.
    const file = process.env.TEST_SUMMARY_FILE
    if (file) writeFileSync(file, JSON.stringify(counts))
    else console.log(summaryLine(counts))
  }
}

const hookErrors = (suite: TestSuite) => suite.errors().length
