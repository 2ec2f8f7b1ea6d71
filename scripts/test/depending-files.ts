import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A test that only repeats on each backend needs no second run: it is in `describe.each(editions())`. */
const asks =
  /\b(?:editions|buses)\(\)\s*\.|\b(?:redisServerInstalled|postgresInstalled|startTwoNodes)\(/

/** Test files whose setup differs without a service, as paths from the repository. */
export function filesThatAskWhatIsFound(repository: string): string[] {
  return globSync('{shared,db,server,load-tests}/**/*.test.ts', {
    cwd: repository,
    exclude: (path) => path.includes('node_modules'),
  })
    .filter((path) => asks.test(readFileSync(join(repository, path), 'utf8')))
    .sort()
}
