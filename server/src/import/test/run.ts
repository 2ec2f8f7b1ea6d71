import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { runImport } from '../import.ts'

/** What a terminal would show of an import. */
export async function run(args: readonly string[], signal?: AbortSignal) {
  let text = ''
  let out = ''
  const code = await runImport(args, {
    out: (part) => {
      out += part
    },
    err: (part) => {
      text += part
    },
    ...(signal && { signal }),
  })
  // The summary is whatever a program makes of stdout.
  return { code, text, out, json: out === '' ? undefined : JSON.parse(out) }
}

/** A file in its own folder, removed with the test. */
export async function fileOf(name: string, lines: readonly (object | string)[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'import-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, name)
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
  await writeFile(file, text.join('\n'))
  return file
}
