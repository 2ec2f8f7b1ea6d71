// node server/test/releases/make-release.ts NAME: what this release leaves on disk, for later ones to open.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { startServer } from '../server-process.ts'
import { answersOf, CREATOR, FILES, sendAll } from './release.ts'

const [name] = process.argv.slice(2)
if (!name) throw new Error('Name the release, for instance 2026-11-30.')

const NOON = Date.UTC(2026, 9, 14, 16)
const DAY_MS = 86_400_000
const folder = mkdtempSync(join(tmpdir(), 'creatorflow-release-'))
const events = [NOON, NOON + DAY_MS].flatMap(
  (startAt, n) =>
    simulateLive({
      seed: n + 1,
      creatorId: CREATOR.id,
      sessionId: `live-${n + 1}`,
      startAt,
      durationMs: 5 * 60_000,
      rate: 0.12,
      currency: CREATOR.currency,
      timeZone: CREATOR.time_zone,
    }).events,
)
{
  await using server = await startServer({ DATA_DIR: join(folder, FILES.data) })
  const post = (path: string, body: object) =>
    fetch(`http://localhost:${server.port}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  await post('/creators', CREATOR)
  const sent = await sendAll(server.port, events)
  if (sent.accepted !== events.length) throw new Error(`not accepted: ${JSON.stringify(sent)}`)
  writeFileSync(join(folder, FILES.events), JSON.stringify(events))
  writeFileSync(join(folder, FILES.answers), JSON.stringify(await answersOf(server.port)))
  await server.end('SIGTERM')
}
const { stdout } = spawnSync('tar', ['-C', folder, '-cf', '-', ...Object.values(FILES)], {
  maxBuffer: 1e9,
})
rmSync(folder, { recursive: true })
const { BROTLI_PARAM_LARGE_WINDOW, BROTLI_PARAM_LGWIN } = constants
// A PostgreSQL's three databases are much alike, and far apart in the file.
const params = { [BROTLI_PARAM_LARGE_WINDOW]: 1, [BROTLI_PARAM_LGWIN]: 27 }
writeFileSync(join(import.meta.dirname, `${name}.tar.br`), brotliCompressSync(stdout, { params }))
