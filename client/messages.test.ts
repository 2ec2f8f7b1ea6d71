import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const client = import.meta.dirname
const files = globSync('src/**/messages/en.json', { cwd: client })
const keysOf = (file: string) => Object.keys(JSON.parse(readFileSync(join(client, file), 'utf8')))

/** What the keys of an area begin with: the folder in which its messages are. */
function prefixOf(file: string): string {
  const area = basename(dirname(dirname(file)))
  if (area === 'lib') return 'app'
  return area === 'routes' ? 'page' : area.replaceAll('-', '_')
}

test('[PAGE-4] a message is named after its area, and some code says it', () => {
  const sources = globSync('src/**/*.{ts,svelte}', { cwd: client })
  const code = sources.map((file) => readFileSync(join(client, file), 'utf8')).join('\n')
  const said = new Set(code.match(/\bm\.\w+/g))
  expect(files.length).toBeGreaterThan(20)
  for (const file of files) {
    for (const key of keysOf(file)) {
      expect(key.startsWith(`${prefixOf(file)}_`), `${key} of ${file}`).toBe(true)
      expect(said.has(`m.${key}`), `${key} of ${file} is never said`).toBe(true)
    }
  }
})
