import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DataDirInUse, lockDataDir } from './data-dir-lock.ts'
import { openDatabase } from './open.ts'
import { sql } from './sql.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'creatorflow-data-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

describe('data directory', () => {
  test('[NODE-2] is refused to a second process, naming pid and path', async () => {
    using first = await lockDataDir(dataDir)
    expect(first).toBeDefined()
    await expect(openDatabase({ dataDir })).rejects.toThrow(
      `${dataDir} is in use by process ${process.pid}`,
    )
  })

  test('[NODE-2] is free again once its owner releases it', async () => {
    const first = await lockDataDir(dataDir)
    first[Symbol.dispose]()
    using second = await lockDataDir(dataDir)
    expect(second).toBeDefined()
    // Releasing twice takes nothing from the next owner.
    first[Symbol.dispose]()
    await expect(lockDataDir(dataDir)).rejects.toThrow(DataDirInUse)
  })

  test.for([
    ['of a process that is gone', { pid: 2 ** 22 + 1, startedAt: '1' }],
    ['whose pid went to another process', { pid: process.pid, startedAt: '1' }],
    ['that is no lock at all', 'nonsense'],
  ] as const)('[NODE-2] takes over a lock %s', async ([, owner]) => {
    if (!existsSync('/proc/self/stat') && typeof owner === 'object' && owner.pid === process.pid)
      return
    writeFileSync(join(dataDir, 'lock'), JSON.stringify(owner))
    using lock = await lockDataDir(dataDir)
    expect(lock).toBeDefined()
    expect(JSON.parse(readFileSync(join(dataDir, 'lock'), 'utf8'))).toMatchObject({
      pid: process.pid,
    })
  })

  test("[NODE-2] a dead process's lock goes to exactly one of several processes", async () => {
    writeFileSync(join(dataDir, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1' }))
    const script = `
      const { lockDataDir } = await import(${JSON.stringify(join(import.meta.dirname, 'data-dir-lock.ts'))})
      await lockDataDir(process.argv[1]).then(() => console.log('mine'), (error) => console.log(error.code))
      process.stdin.resume()`
    const children = Array.from({ length: 6 }, () => runScript(script, dataDir))
    const answers = await Promise.all(children.map(firstLine))
    for (const child of children) child.kill('SIGKILL')
    expect(answers.sort()).toEqual([...Array(5).fill('DATA_DIR_IN_USE'), 'mine'])
  })
})

describe('kill -9', () => {
  const open = `
    const { openDatabase } = await import(${JSON.stringify(join(import.meta.dirname, 'open.ts'))})
    const { sql } = await import(${JSON.stringify(join(import.meta.dirname, 'sql.ts'))})
    const database = await openDatabase({ dataDir: process.argv[1] })`

  test('[NODE-3] loses no commit of the embedded database, and keeps nothing uncommitted', async () => {
    const child = runScript(
      `${open}
      await database.script('create table kept (n int primary key)')
      for (let n = 1; ; n += 1) {
        await database.transaction((t) => t.query(sql\`insert into kept values (\${n})\`))
        console.log(n)
      }`,
      dataDir,
    )
    let acknowledged = ''
    child.stdout?.on('data', (chunk) => {
      acknowledged += chunk
      if (acknowledged.includes('\n200\n')) child.kill('SIGKILL')
    })
    await once(child, 'close')
    const last = Number(acknowledged.trimEnd().split('\n').at(-1))
    expect(last).toBeGreaterThanOrEqual(200)

    await using database = await openDatabase({ dataDir })
    const [row] = await database.query<{ n: number; last: number }>(
      sql`select count(*)::int as n, max(n)::int as last from kept`,
    )
    expect(row?.n).toBe(row?.last)
    // One more may have been committed without an answer.
    expect([last, last + 1]).toContain(row?.n)
  })

  test('[NODE-3] kill -9 during the first start leaves a directory that starts', async () => {
    const child = runScript(
      `setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1200);${open}`,
      dataDir,
    )
    const [, signal] = await once(child, 'close')
    expect(signal).toBe('SIGKILL')
    await using database = await openDatabase({ dataDir })
    expect(await database.query(sql`select 1 as n`)).toEqual([{ n: 1 }])
  })

  test('[NODE-3] keeps its data after an orderly end', async () => {
    {
      await using database = await openDatabase({ dataDir })
      await database.script('create table kept (n int); insert into kept values (1)')
    }
    expect(existsSync(join(dataDir, 'lock'))).toBe(false)
    await using database = await openDatabase({ dataDir })
    expect(await database.query(sql`select n from kept`)).toEqual([{ n: 1 }])
  })
})

function runScript(script: string, ...args: string[]) {
  return spawn(process.execPath, ['--input-type=module', '--eval', script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
}

async function firstLine(child: ReturnType<typeof runScript>): Promise<string> {
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += chunk
    if (text.includes('\n')) break
  }
  return text.trim()
}
