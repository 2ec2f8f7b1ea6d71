import { existsSync, globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const clientConfig = './client/vite.config.ts'

/** These change or weigh their own process. All others have an app and a database of their own: one takes file after file. */
const ownProcess = [
  'server/src/http/event-body-*.test.ts',
  'server/src/live/{nodes,slow-readers}.test.ts',
  'server/test/{canary,sending}.test.ts',
  'server/test/faults/*.test.ts',
  'db/src/{embedded-thread,open,testing-pool}.test.ts',
  'load-tests/**/*.test.ts',
  'scripts/**/*.test.ts',
]
// Most tests wait, for a database, a page or a process: four of them keep two processors busy.
const maxWorkers = Math.max(4, availableParallelism())
const onDatabases = {
  maxWorkers,
  setupFiles: './server/test/setup.ts',
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // What is waited for may take its time on a busy machine; what never comes fails all the same.
  expect: { poll: { timeout: 10_000 } },
}

/** Client tests that put something in the place of a module: that module must not be there already from another file. */
const mocking = globSync('src/**/*.test.ts', { cwd: 'client' }).filter((file) =>
  readFileSync(`client/${file}`, 'utf8').includes('vi.mock('),
)

/** Pure code without state of its own shares a process: one takes file after file. */
function clientProject(
  name: string,
  of: { include?: string[]; exclude?: string[]; isolate?: boolean },
) {
  return {
    ...(existsSync(clientConfig) ? { extends: clientConfig } : {}),
    test: {
      name,
      root: './client',
      include: ['*.test.ts', 'src/**/*.test.ts'],
      testTimeout: 60_000,
      maxWorkers,
      ...of,
    },
  }
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
          include: ownProcess,
          exclude: ['**/node_modules/**'],
          ...onDatabases,
        },
      },
      {
        test: {
          name: 'apps',
          include: ['{db,server}/**/*.test.ts'],
          exclude: [...ownProcess, '**/node_modules/**'],
          isolate: false,
          ...onDatabases,
        },
      },
      clientProject('client', { exclude: mocking, isolate: false }),
      ...(mocking.length > 0 ? [clientProject('client-mocks', { include: mocking })] : []),
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
          globalSetup: './e2e/global-setup.ts',
          maxWorkers,
          expect: { poll: { timeout: 10_000 } },
        },
      },
    ],
  },
})
