import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, constants } from 'node:zlib'
import { metrics } from '@creatorflow/shared/metrics'
import { afterAll, describe, expect, test } from 'vitest'
import { startServer } from '../server-process.ts'
import { type Answers, answersOf, FILES, sendAll } from './release.ts'

const releases = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.tar.br'))

describe.each(releases)('a data directory of release %s', (file) => {
  const folder = mkdtempSync(join(tmpdir(), 'creatorflow-release-'))
  const path = (name: keyof typeof FILES) => join(folder, FILES[name])
  const json = (name: keyof typeof FILES) => JSON.parse(readFileSync(path(name), 'utf8'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test('[NODE-3] opens, migrates, shows the same totals and recognizes every event', async () => {
    const input = brotliDecompressSync(readFileSync(join(import.meta.dirname, file)), {
      params: { [constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 1 },
    })
    expect(spawnSync('tar', ['-C', folder, '-xf', '-'], { input }).status).toBe(0)
    const then: Answers = json('answers')
    const events = json('events')

    await using server = await startServer({ DATA_DIR: path('data') })
    const now = await answersOf(server.port)
    expect(now.days).toEqual(then.days)
    expect(known(now.lives)).toEqual(known(then.lives))
    expect(Object.keys(then.lives)).toEqual(['live-2', 'live-1'])

    const again = await sendAll(server.port, events)
    expect(again).toEqual({ accepted: 0, duplicates: events.length, conflicts: 0, rejected: 0 })
  })
})

/** Without metrics the catalogue had then and no longer has. */
function known(lives: Answers['lives']): Answers['lives'] {
  return Object.fromEntries(
    Object.entries(lives).map(([id, totals]) => [
      id,
      Object.fromEntries(Object.entries(totals).filter(([metric]) => metric in metrics)),
    ]),
  )
}
