import { describe, expect, test } from 'vitest'
import { againstSpec, rulesOf, titlesOf } from './spec.ts'

const spec = `# Specification

- **A-1** One thing.
  [one](../a/one.test.ts) · [two](../a/two.test.ts)
- **A-2** Another one.
  [two](../a/two.test.ts)
`
// The ids come in by a variable, so that the check does not take them for titles of this file.
const titled = (...ids: string[]) => `'${ids.map((id) => `[${id}]`).join('')} it is so'`
const one = titlesOf('a/one.test.ts', `test(${titled('A-1')}, () => {})`)
const two = titlesOf('a/two.test.ts', `test.each(rows)(\n  ${titled('A-1', 'A-2')}, () => {})`)
const check = (text: string, tests = [one, two]) => againstSpec(text, 'docs/SPEC.md', tests)

describe('the specification and its tests', () => {
  test('[REPO-1] rules are read with their links, titles with their ids', () => {
    expect(rulesOf(spec, 'docs/SPEC.md').map(({ id, links }) => [id, links])).toEqual([
      ['A-1', ['a/one.test.ts', 'a/two.test.ts']],
      ['A-2', ['a/two.test.ts']],
    ])
    expect(two.titles).toEqual([
      { text: 'A-1', line: 1 },
      { text: 'A-2', line: 1 },
    ])
    expect(check(spec)).toEqual([])
  })

  test.each([
    [
      'a rule without a test',
      `${spec}- **A-3** New.\n  [one](../a/one.test.ts)\n`,
      'no test names A-3',
    ],
    ['a rule without a link', spec.replace('  [two](../a/two.test.ts)\n', ''), 'links to no test'],
    ['a linked file that is missing', spec.replace('a/one', 'a/gone'), 'which is no test'],
    [
      'a linked file without the id',
      spec.replace('one.\n  [two](../a/two.', 'one.\n  [one](../a/one.'),
      'no title in a/one.test.ts has A-2',
    ],
    ['a rule that is there twice', spec.replace('A-2', 'A-1'), 'A-1 stands where A-2 should'],
    ['a number that is left out', spec.replace('A-2', 'A-3'), 'A-3 stands where A-2 should'],
  ])('[REPO-1] %s is a problem', (_case, text, problem) => {
    expect(check(text).join('\n')).toContain(problem)
  })

  test('[REPO-1] an id in a title that no rule has is a problem', () => {
    const stray = titlesOf('a/stray.test.ts', `\n\ntest(${titled('B-9')}, () => {})`)
    expect(check(spec, [one, two, stray])).toEqual([
      'a/stray.test.ts:3: docs/SPEC.md has no rule B-9',
    ])
  })

  test('[REPO-1] more rules than may be are a problem', () => {
    expect(againstSpec(spec, 'docs/SPEC.md', [one, two], 1)).toEqual([
      'docs/SPEC.md: 2 rules, at most 1; merge what is one promise',
    ])
  })
})
