// npm run check:strip: Node strips the types of every file it runs, with another parser than vitest and tsc.
import { globSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'

const repository = join(import.meta.dirname, '..')
const ran = '{shared,db,server,load-tests,scripts,e2e}/**/*.ts'
const files = globSync(ran, { cwd: repository, exclude: ['**/node_modules', '**/*.d.ts'] })
if (files.length === 0) throw new Error(`no file fits ${ran}`)

for (const file of files) {
  try {
    stripTypeScriptTypes(readFileSync(join(repository, file), 'utf8'))
  } catch (error) {
    console.error(`${file}: Node cannot run it: ${(error as Error).message}`)
    process.exitCode = 1
  }
}
