import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { startApp, type TestApp, type TestCreator } from './harness.ts'

const repository = resolve(import.meta.dirname, '../..')
const document = readFileSync(resolve(repository, 'docs/SENDING.md'), 'utf8')
const examples = [...document.matchAll(/^```(sh|ts|python)\n(.*?)^```$/gms)].map(
  ([, language = '', code = '']) => ({ language, code }),
)

// Each example is a program that starts, on a machine that may be busy.
const timeout = 180_000

const programs: Record<string, (code: string) => [string, string[]]> = {
  sh: (code) => ['sh', ['-eu', '-c', code]],
  ts: (code) => [process.execPath, ['--input-type=module-typescript', '-e', code]],
  python: (code) => ['python3', ['-c', code]],
}

/** Runs an example like someone who copied it. A missing program fails the test. */
async function runExample(
  { language, code }: (typeof examples)[number],
  app: TestApp,
  key: string,
) {
  const [program, args] = programs[language]?.(code) ?? []
  if (program === undefined || args === undefined) throw new Error(`nothing runs ${language}`)
  const child = spawn(program, args, {
    // In a workspace with @creatorflow/shared, like a program that uses it.
    cwd: resolve(repository, 'server'),
    env: { PATH: process.env.PATH, CREATORFLOW_URL: app.url, CREATORFLOW_KEY: key },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err, exit] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((done, failed) => child.once('error', failed).once('close', done)),
  ])
  return { out, err, exit }
}

async function accountsOf(app: TestApp, { key }: TestCreator) {
  const accounts: unknown[] = []
  for (const example of examples) {
    const { out, err, exit } = await runExample(example, app, key)
    expect(`${exit} ${err}`, example.code).toMatch(/^0 /)
    accounts.push(JSON.parse(out.trim().split('\n').at(-1) ?? ''))
  }
  return accounts
}

test('[INGEST-11] every example of the documentation runs as written, and running it twice changes nothing', {
  timeout,
}, async () => {
  expect(examples.map(({ language }) => language)).toEqual(['sh', 'ts', 'python', 'sh'])
  await using app = await startApp()
  const creator = await app.newCreator()
  const fine = { accepted: 2, duplicates: 0, conflicts: [], rejected: [] }
  const partly = {
    accepted: 1,
    rejected: [{ index: 1, code: 'unknown_type', message: expect.stringContaining('"like"') }],
  }
  const first = await accountsOf(app, creator)
  expect(first).toMatchObject([fine, fine, fine, partly])
  const totals = async () => {
    const { json } = await app.get(`/api/v1/creators/${creator.id}/lives/friday`)
    return json.live
  }
  const before = await totals()
  expect(before).toMatchObject({
    title: 'Friday sale',
    totals: {
      gmv: 6_400 + 1_250 + 3_200,
      main_orders: 3,
      items_sold: 4,
      peak_viewers: 120,
      likes: 15,
    },
  })
  const again = await accountsOf(app, creator)
  expect(again.slice(0, 3)).toMatchObject([{ duplicates: 2 }, { duplicates: 2 }, { duplicates: 2 }])
  expect(again[3]).toMatchObject({ accepted: 0, duplicates: 1 })
  expect(await totals()).toEqual(before)
})

test('[INGEST-11] with a wrong key every example fails and says so', { timeout }, async () => {
  await using app = await startApp()
  for (const example of examples) {
    const { out, err, exit } = await runExample(example, app, 'cf_live_wrong')
    expect(exit, example.code).not.toBe(0)
    expect(out + err).toContain('API key')
  }
})
