import { expect, test } from 'vitest'
import { type Exception, functionsOf, tooLong } from './size.ts'

const limits = { linesPerFile: 12, linesPerFunction: 4 }
const lines = (count: number, line = 'x()') => Array.from({ length: count }, () => line).join('\n')
const problems = (text: string, path = 'src/a.ts') => tooLong(path, text, limits, [])

test('[REPO-2] a function that is too long is named with its place, however it is written', () => {
  expect(problems(`\nfunction short() {\n${lines(2)}\n}`)).toEqual([])
  expect(problems(`\nfunction long() {\n${lines(3)}\n}`)).toEqual([
    'src/a.ts:2: long has 5 lines; a function has at most 4',
  ])
  const forms = {
    arrow: `const arrow = async (a: number): Promise<void> => {\n${lines(3)}\n}`,
    method: `const o = { method() {\n${lines(3)}\n} }`,
    get: `const o = { get get() {\n${lines(3)}\n} }`,
    of: `class C { of = <T>(a: T) => {\n${lines(3)}\n} }`,
    'a function': `export default () => {\n${lines(3)}\n}`,
  }
  for (const [name, text] of Object.entries(forms)) {
    expect(problems(text)).toEqual([`src/a.ts:1: ${name} has 5 lines; a function has at most 4`])
  }
  // One inside of another counts for both.
  const nested = `function outer() {\n  function inner() {\n${lines(3)}\n}\n}`
  expect(problems(nested).map((problem) => problem.split(' ')[1])).toEqual(['outer', 'inner'])
})

test('[REPO-2] a file that is too long fails, and an exception allows one thing of some files', () => {
  const text = `${lines(8)}\nfunction long() {\n${lines(3)}\n}\n`
  const ofFile = 'src/a.ts: 13 lines; a file has at most 12'
  const ofFunction = 'src/a.ts:9: long has 5 lines; a function has at most 4'
  expect(problems(text)).toEqual([ofFile, ofFunction])
  const allowing = (allows: Exception['allows'], files = /a\.ts$/) =>
    tooLong('src/a.ts', text, limits, [{ files, allows, reason: 'a list' }])
  expect(allowing('long file')).toEqual([ofFunction])
  expect(allowing('long functions')).toEqual([ofFile])
  expect(allowing('long file', /b\.ts$/)).toEqual([ofFile, ofFunction])
})

test('[REPO-2] a suite is as long as its tests, and what is in it is counted', () => {
  const long = `function long() {\n${lines(3)}\n}`
  for (const suite of [
    'describe',
    'describe.each(rows)',
    'describe.skipIf(no)',
    'describe.each`x`',
  ]) {
    const text = `${suite}('…', () => {\n${long}\ntest('…', () => {\n${lines(3)}\n})\n})`
    expect(problems(text).map((problem) => problem.split(': ')[1])).toEqual([
      'long has 5 lines; a function has at most 4',
      'a function has 5 lines; a function has at most 4',
    ])
  }
  const contract = `export function contract() {\n${lines(3)}\nfor (const a of b) test(a, () => {})\n}`
  expect(problems(contract)).toEqual([])
})

test('[REPO-2] functions in a component keep their line numbers, and markup does not count', () => {
  const component = `<script module lang="ts">\nfunction a() {}\n</script>\n\n<script lang="ts">
  const b = () => {
  }
</script>
<p onclick={() => no()}>{"function c() {}"}</p>`
  expect(functionsOf('A.svelte', component)).toEqual([
    { name: 'a', line: 2, lines: 1 },
    { name: 'b', line: 6, lines: 2 },
  ])
})

test('[REPO-2] a file that cannot be read fails instead of passing', () => {
  expect(() => problems('function {')).toThrow('src/a.ts')
})
