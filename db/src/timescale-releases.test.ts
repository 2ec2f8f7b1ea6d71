import { expect, test } from 'vitest'
import { releaseOption } from './timescale-releases.ts'

test.each([
  ['2.17.2', false, false],
  ['2.19.0', true, false],
  ['2.27.1', true, false],
  ['2.28.0', true, true],
  ['2.30.0-dev', true, true],
  ['3.0.0', true, true],
])('[PAST-2] TimescaleDB %s gets only options that it knows', (release, policy, refresh) => {
  expect(releaseOption('policyInOnePass', release) !== '').toBe(policy)
  expect(releaseOption('refreshInOnePass', release) !== '').toBe(refresh)
})
