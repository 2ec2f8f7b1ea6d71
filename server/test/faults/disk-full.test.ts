import { join } from 'node:path'
import { openDatabase } from '@creatorflow/db/open'
import { expect, onTestFinished, test } from 'vitest'
import { canMountDisk } from '../../../scripts/test/backends.ts'
import { mountSmallDisk } from '../../../scripts/test/tmpfs.ts'
import { ask, post } from '../harness.ts'
import { logOf } from '../log-rows.ts'
import { type ServerProcess, startServer } from '../server-process.ts'
import { startSender } from '../stubborn-sender.ts'

const key = `cf_live_fulldisk_${'d'.repeat(43)}`
const patient = { timeout: 30_000 }
const like = (id: string) => ({ id, type: 'like' })

function place(env: Readonly<Record<string, string>> = {}) {
  const disk = mountSmallDisk(300)
  onTestFinished(() => disk[Symbol.dispose]())
  const DATA_DIR = join(disk.folder, 'data')
  const all = { DATA_DIR, BOOTSTRAP_CREATOR: 'shop', BOOTSTRAP_API_KEY: key, ...env }
  return { disk, dataDir: DATA_DIR, start: () => startServer(all) }
}
const readiness = (server: ServerProcess) => ask(server.port, 'GET', '/readyz')

test.skipIf(!canMountDisk())(
  '[LOSS-5] on an almost full disk events get 507 with Retry-After, and /readyz and the log name the disk',
  { timeout: 180_000 },
  async () => {
    const { disk, start } = place()
    await using server = await start()
    expect((await post(server.port, like('before'), { key })).status).toBe(200)
    expect((await readiness(server)).json.parts.disk.ok).toBe(true)

    disk.fill(50_000_000)
    const send = () => post(server.port, like('during'), { key })
    await expect.poll(async () => (await send()).status).toBe(507)
    const refused = await send()
    expect(refused).toMatchObject({ headers: { 'retry-after': '5' } })
    expect(refused.json.error).toMatchObject({ code: 'insufficient_storage' })
    const { status, json } = await readiness(server)
    expect([status, json.parts.disk.ok]).toEqual([503, false])
    expect(json.parts.disk.detail).toContain('events are refused below 68 MB')
    expect(server.output).toContain('the disk is almost full')
    expect((await ask(server.port, 'GET', '/healthz')).status).toBe(200)

    disk.empty()
    await expect.poll(async () => (await send()).status).toBe(200)
    expect((await readiness(server)).status).toBe(200)
    expect(await server.end('SIGTERM')).toBe(0)
  },
)

test.skipIf(!canMountDisk())(
  '[LOSS-5][P1] on a full disk the embedded database is replaced, resumes once there is room, and nothing acknowledged is lost',
  { timeout: 240_000 },
  async () => {
    // Without the earlier check, so the disk really fills up under the database.
    const { disk, dataDir, start } = place({ MIN_FREE_BYTES: '0', SHUTDOWN_TIMEOUT_MS: '4000' })
    const server = await start()
    onTestFinished(() => server[Symbol.asyncDispose]())
    const sender = startSender({ key, port: () => (server.running ? server.port : undefined) })
    onTestFinished(() => sender.abandon())
    const sent = (from: number) =>
      expect.poll(() => sender.ledger.size, patient).toBeGreaterThan(from + 100)
    await sent(0)

    disk.fill(0)
    await expect.poll(() => sender.fullDisks, patient).toBeGreaterThan(10)
    disk.empty()
    await sent(sender.ledger.size)

    const before = sender.fullDisks
    disk.fill(0)
    await expect.poll(() => sender.fullDisks, patient).toBeGreaterThan(before + 10)
    await sender.abandon()
    // Gracefully or not, within its limit.
    expect([0, 1]).toContain(await server.end('SIGTERM'))
    disk.empty()

    await using database = await openDatabase({ dataDir })
    const ids = (await logOf(database, 'shop')).map((row) => row.id)
    expect(sender.surprises).toEqual([])
    expect([...sender.ledger.keys()].filter((id) => !ids.includes(id))).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
  },
)
