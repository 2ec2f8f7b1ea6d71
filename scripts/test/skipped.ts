import type { TestCase, TestModule, TestSuite } from 'vitest/node'

/** A skipped suite or test in a file: its name, and how many tests that is. */
export interface Skipped {
  readonly name: string
  readonly tests: number
}

/** Each skipped test once, under the outermost skipped suite. */
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
