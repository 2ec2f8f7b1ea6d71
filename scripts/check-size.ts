// npm run check:size: no function over 100 lines, no file over 400.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Exception, tooLong } from './size/size.ts'

const limits = { linesPerFile: 400, linesPerFunction: 100 }
const exceptions: readonly Exception[] = [
  {
    files: /^shared\/src\/metrics\.ts$/,
    allows: 'long file',
    reason: 'a catalogue: one entry a metric',
  },
  {
    files: /\.(test|contract)\.ts$/,
    allows: 'long file',
    reason: 'cases that share what they are set up with',
  },
  {
    files: /\/test\/|\.test\.ts$/,
    allows: 'long functions',
    reason: 'a test is one story, a stand-in one closure over what it has heard',
  },
]

const repository = join(import.meta.dirname, '..')
// What is generated (the client's types, its build, lockfiles) lies elsewhere.
const files = globSync(
  [
    '*.ts',
    '{shared,db,server,load-tests,scripts,e2e}/**/*.ts',
    'client/{*.ts,src/**/*.{ts,svelte}}',
  ],
  { cwd: repository, exclude: ['**/node_modules'] },
)
const problems = files.flatMap((path) =>
  tooLong(path, readFileSync(join(repository, path), 'utf8'), limits, exceptions),
)
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
else console.log(`${files.length} files, none too long`)
