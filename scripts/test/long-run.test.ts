import { expect, test, vi } from 'vitest'
import { databases, editions } from './backends.ts'
import { scaled } from './long-run.ts'

test('[REPO-1] a long run has every edition and many random cases, a normal run only the embedded one and few', () => {
  const names = () => databases().map(({ name }) => name)
  vi.stubEnv('TEST_LONG', '')
  expect({ names: names(), seeds: scaled(3, 40) }).toEqual({ names: ['embedded'], seeds: 3 })
  vi.stubEnv('TEST_LONG', '1')
  const every = editions().map(({ name }) => name)
  expect({ names: names(), seeds: scaled(3, 40) }).toEqual({ names: every, seeds: 40 })
})
