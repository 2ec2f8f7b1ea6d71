import type { TestCase, TestModule, TestSuite } from 'vitest/node'

/** What was skipped in a file: the name of a whole suite or of a test, and how many tests that is. */
export interface Skipped {
  readonly name: string
  readonly tests: number
}

/** Each skipped test once, under the outermost suite that was skipped as a whole. */
export function skippedIn({ children }: Pick<TestModule | TestSuite, 'children'>): Skipped[] {
  return [...children].flatMap((child) => {
    if (child.type === 'test') return isSkipped(child) ? [{ name: child.name, tests: 1 }] : []
    const tests = [...child.children.allTests()]
    return tests.length > 0 && tests.every(isSkipped)
      ? [{ name: child.name, tests: tests.length }]
      : skippedIn(child)
  })
}

const isSkipped = (test: TestCase) => test.result().state === 'skipped'
