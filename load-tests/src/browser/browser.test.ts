import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { verdictOf } from './verdict.ts'
import { gzippedKb } from './weight.ts'

test('[REPO-4] JavaScript is weighed gzipped, each file once, whatever else was loaded', () => {
  const build = mkdtempSync(join(tmpdir(), 'creatorflow-weight-'))
  const script = 'console.log("a");'.repeat(500)
  writeFileSync(join(build, 'a.js'), script)
  const urls = ['a.js', 'a.js?again', 'style.css', 'api/v1/me'].map((path) => `http://x/${path}`)
  expect(gzippedKb(urls, build)).toBe(gzipSync(script).length / 1_000)
  expect(() => gzippedKb(['http://x/gone.js'], build)).toThrow('gone.js')
  rmSync(build, { recursive: true })
})

test('[REPO-4] a budget is missed when exceeded or not measured', () => {
  const { told, missed } = verdictOf([
    { budget: 'js_first', value: 110 },
    { budget: 'js_all', value: 180.1 },
    { budget: 'heap_drift', value: null },
    { label: 'updates drawn', unit: '/s', value: 9 },
  ])
  expect(missed).toEqual(['js_all', 'heap_drift'])
  expect(told).toMatchObject([
    { value: 110, aim: '≤ 110 kB', reached: true },
    { reached: false },
    { reached: false },
    { value: 9 },
  ])
})
