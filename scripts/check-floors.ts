// npm run check:floors: which folder may import which; type imports count too.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  acrossFeatures,
  againstFloors,
  circles,
  type Floors,
  importsOf,
  mutualFolders,
  type SourceFile,
} from './floors/floors.ts'

const server: Floors = {
  root: 'server/src',
  floors: [
    ['core'],
    ['bus', 'quotas'],
    ['http', 'eventlog'],
    ['projections', 'dead-letters', 'identity'],
    ['pipeline'],
    ['live', 'query', 'resettle', 'retention'],
    ['baseline', 'jobs'],
    ['sources'],
    ['features', 'import'],
    ['.'],
  ],
}

const repository = join(import.meta.dirname, '..')
const files: SourceFile[] = globSync('{shared,db,server,client}/src/**/*.{ts,svelte}', {
  cwd: repository,
})
  .filter((path) => !/\.(test|contract)\.ts$|\/test\//.test(path))
  .map((path) => ({ path, imports: importsOf(path, readFileSync(join(repository, path), 'utf8')) }))

const problems = [
  ...againstFloors(files, server),
  ...mutualFolders(files),
  ...circles(files),
  ...acrossFeatures(files, 'server/src/features'),
  ...acrossFeatures(files, 'client/src/lib/features'),
]
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
else console.log(`${files.length} files, each on its floor`)
