import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { canMountDisk } from '../../scripts/test/backends.ts'
import { mountSmallDisk } from '../../scripts/test/tmpfs.ts'
import { errorCode } from './database.ts'
import { openEmbedded } from './embedded.ts'
import { sql } from './sql.ts'

const patient = { timeout: 30_000 }

test('[LOSS-5] a thread that does not answer is replaced: waiting calls are refused, committed data stays', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'creatorflow-thread-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  await using database = await openEmbedded({ dataDir: join(folder, 'pg'), timeoutMs: 3_000 })
  await database.script('create table kept (n int); insert into kept values (1)')
  const stuck = database.transaction(async (t) => {
    await t.query(sql`insert into kept values (2)`)
    await t.query(sql`select pg_sleep(600)`)
  })
  expect(await stuck.catch(errorCode)).toBe('DATABASE_UNAVAILABLE')
  expect(await database.query(sql`select n from kept`)).toEqual([{ n: 1 }])
})

test.skipIf(!canMountDisk())(
  '[LOSS-5] a thread stopped by a full disk is replaced once there is room, and gives the reason until then',
  { timeout: 120_000 },
  async () => {
    using disk = mountSmallDisk(200)
    await using database = await openEmbedded({ dataDir: join(disk.folder, 'pg') })
    await database.script('create table kept (n int)')
    disk.fill(8_000_000)
    let acknowledged = 0
    let failure: unknown
    // Each round needs another log segment, for which there is no room.
    while (failure === undefined && acknowledged < 20) {
      await database.query(sql`insert into kept values (${acknowledged + 1})`).then(
        () => acknowledged++,
        (error: unknown) => {
          failure = error
        },
      )
      await database.query(sql`select pg_switch_wal()`).catch(() => {})
    }
    expect(errorCode(failure)).toBe('53100')
    expect(await database.query(sql`select 1`).catch(errorCode)).toBe('53100')
    disk.empty()
    const count = () => database.query(sql`select count(*)::int as n from kept`)
    await expect.poll(() => count().catch(errorCode), patient).toEqual([{ n: acknowledged }])
  },
)
