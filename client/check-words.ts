// npm run check:words -w client: every text of a page is a message, so that it can be translated.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { literalTexts } from './literal-text.ts'

/** Pages whose words stay English. */
const english = [
  // The reference describes the API, whose own words it shows.
  'src/lib/features/reference/**',
  // In development only.
  'src/routes/design/**',
  '**/test/**',
]

const cwd = import.meta.dirname
const files = globSync('src/**/*.svelte', { cwd, exclude: english })
for (const file of files) {
  for (const { line, text } of literalTexts(readFileSync(join(cwd, file), 'utf8'))) {
    console.error(`client/${file}:${line}: “${text}” is not a message`)
    process.exitCode = 1
  }
}
if (!process.exitCode) console.log(`${files.length} components, all their words are messages`)
