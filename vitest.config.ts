import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const clientConfig = './client/vite.config.ts'

/** Routes and what stands behind them: each test has an app and a database of its own, and nothing of the process. */
const ownApps = 'server/src/{features,identity}/**/*.test.ts'
// Most tests wait for a database: two of them keep a small machine busy.
const maxWorkers = Math.max(2, availableParallelism() - 1)
const onDatabases = {
  maxWorkers,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // What is waited for may take its time on a busy machine; what never comes fails all the same.
  expect: { poll: { timeout: 10_000 } },
}

export default defineConfig({
  test: {
    globalSetup: './scripts/test/global-setup.ts',
    reporters: ['default', './scripts/test/reporter.ts'],
    maxWorkers,
    projects: [
      {
        test: {
          name: 'node',
          include: ['{db,server,load-tests,scripts}/**/*.test.ts'],
          exclude: [ownApps, '**/node_modules/**'],
          ...onDatabases,
        },
      },
      { test: { name: 'apps', include: [ownApps], isolate: false, ...onDatabases } },
      {
        ...(existsSync(clientConfig) ? { extends: clientConfig } : {}),
        // Pure code, without state of its own: one process takes file after file.
        test: {
          name: 'client',
          root: './client',
          include: ['src/**/*.test.ts'],
          testTimeout: 60_000,
          isolate: false,
          maxWorkers,
        },
      },
      {
        test: {
          name: 'shared',
          include: ['shared/**/*.test.ts'],
          testTimeout: 60_000,
          isolate: false,
          maxWorkers,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          expect: { poll: { timeout: 10_000 } },
          // After all others: a browser that waits for its turn measures the machine, not the page.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
