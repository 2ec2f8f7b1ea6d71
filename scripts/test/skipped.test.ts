import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TestModule } from 'vitest/node'
import { filesThatAskWhatIsFound } from './depending-files.ts'
import { skippedIn } from './skipped.ts'

const repository = join(import.meta.dirname, '../..')

type State = 'passed' | 'failed' | 'skipped'

const testOf = (name: string, state: State) => ({ type: 'test', name, result: () => ({ state }) })

interface Suite {
  readonly children: Iterable<unknown> & { allTests(): unknown[] }
}

function suiteOf(name: string, children: readonly object[]) {
  const allTests = () =>
    children.flatMap((child) =>
      'children' in child ? (child as Suite).children.allTests() : [child],
    )
  return { type: 'suite', name, children: Object.assign([...children], { allTests }) }
}

test('[REPO-1] skipped tests are named: a whole suite once with its tests, else each test', () => {
  const module = suiteOf('file', [
    testOf('runs', 'passed'),
    testOf('needs Redis', 'skipped'),
    suiteOf('with Redis', [testOf('a', 'skipped'), suiteOf('inner', [testOf('b', 'skipped')])]),
    suiteOf('mixed', [testOf('c', 'failed'), testOf('d', 'skipped')]),
    suiteOf('empty', []),
  ])
  expect(skippedIn(module as unknown as TestModule)).toEqual([
    { name: 'needs Redis', tests: 1 },
    { name: 'with Redis', tests: 2 },
    { name: 'd', tests: 1 },
  ])
})

test('[REPO-1] CI also runs environment-dependent tests without any service', () => {
  const files = filesThatAskWhatIsFound(repository)
  // Needs a bus and a database.
  expect(files).toContain('server/src/live/revocation.test.ts')
  // Repeats on each backend and needs nothing.
  expect(files).not.toContain('server/src/identity/audit/audit.test.ts')
  const ci = readFileSync(join(repository, '.ci/run'), 'utf8')
  expect(ci).toMatch(/^npm run --silent test -- --without-services$/m)
})
