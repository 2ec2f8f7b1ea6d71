import { readdirSync } from 'node:fs'
import { sql } from '@creatorflow/db/sql'
import type { Endpoint } from '@creatorflow/shared/endpoint'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { databases } from '../../scripts/test/backends.ts'
import { serverTenant } from '../src/core/rights/authorize.ts'
import { withRecounting } from '../src/pipeline/recount-notes.ts'
import { ask, startApp, type TestApp, type TestCreator } from './harness.ts'

const CREATOR = '/api/v1/creators/:creator_id'

/** What is read of a creator and does not say `recounting`, with the reason. */
const without: Readonly<Record<string, string>> = {
  '/alerts/episodes': 'what was told at its time',
  '/alerts/rules': 'settings, no numbers',
  '/alerts/deliveries': 'messages as they were sent',
  '/alerts/push': 'a key, no numbers',
  '/alerts/targets': 'settings, no numbers of LIVEs',
  '/alerts/noise': 'what was told at its time',
  '/alerts/rules/:rule_id/noise': 'what was told at its time',
  '/dead-letters': 'messages as they came, which no recount changes',
  '/dead-letters/:letter_id': 'a message as it came',
  '/export': 'events as they were sent',
  '/goal': 'set by hand',
  '/import-rules': 'settings and marks, no numbers',
  '/logo': 'a picture',
  '/people': 'names, which no recount changes',
  '/people-search': 'names and handles, which no recount changes',
  '/query/meta': 'what can be asked, no numbers',
  '/sources/authorized': 'accounts of a service, no numbers',
  '/sources': 'what connections report of themselves',
  '/usage': 'requests and events by arrival, which no recount changes',
}

/** Files that say it in themselves: their endpoints have no reply. */
const files = ['/lives/:session_id/minutes.csv', '/people/:user_id']

/** Queries required for an answer. */
const queries: Readonly<Record<string, string>> = {
  '/metrics/:metric': '?from=2026-01-01T00:00:00Z&to=2036-01-01T00:00:00Z&bucket=total',
}

async function declared(): Promise<Endpoint[]> {
  const folder = new URL('../../shared/src/features/', import.meta.url)
  const modules = await Promise.all(
    readdirSync(folder)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => import(new URL(name, folder).href) as Promise<Record<string, unknown>>),
  )
  // Safe: nothing else of these modules has a method and a path.
  return modules.flatMap((all) => Object.values(all)).filter(isEndpoint) as Endpoint[]
}

const isEndpoint = (value: unknown) =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value

const saysIt = ({ reply }: Endpoint) => reply instanceof z.ZodObject && 'recounting' in reply.shape

describe.each(databases())('what waits for a recount on $name', (backend) => {
  let app: TestApp
  let endpoints: Endpoint[]
  let creator: TestCreator

  beforeAll(async () => {
    app = await startApp({ database: backend })
    endpoints = await declared()
    creator = await app.newCreator()
    const events = [
      { id: 'on', type: 'live_started', session_id: 'a' },
      { id: 'x', type: 'share', session_id: 'a', user_id: 'u' },
    ]
    await app.post(events, creator)
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  /** Late events that no run counts during the test. */
  async function note(problem: 'failed' | null): Promise<void> {
    await app.database.query(sql`delete from resettle where creator_id = ${creator.id}`)
    if (problem === null) return
    await app.database.query(sql`
      insert into resettle (creator_id, reason, problem, failures, retry_at)
      values (${creator.id}, 'live', ${problem}::text, 1, clock_timestamp() + interval '1 hour')`)
  }

  const readOf = (path: string) => {
    const filled = path
      .replace(':creator_id', creator.id)
      .replace(':session_id', 'a')
      .replace(':metric', 'shares')
      .replace(':user_id', 'u')
    const headers = { cookie: app.owner.cookie }
    return ask(app.port, 'GET', filled + (queries[path.slice(CREATOR.length)] ?? ''), headers)
  }

  test('[RECOUNT-3] every answer about a creator says `recounting`, or has a stated reason not to', () => {
    const paths = app.routes
      .filter((route) => route.startsWith(`GET ${CREATOR}/`))
      .map((route) => route.slice('GET '.length))
    expect(paths.length).toBeGreaterThan(10)
    const silent = paths
      .filter((path) => {
        const endpoint = endpoints.find((one) => one.method === 'GET' && one.path === path)
        return !endpoint || !saysIt(endpoint)
      })
      .map((path) => path.slice(CREATOR.length))
    expect(silent.sort()).toEqual([...Object.keys(without), ...files].sort())
  })

  test('[RECOUNT-3] each answer says `recounting` exactly while late events wait', async () => {
    const paths = endpoints.filter((one) => one.method === 'GET' && saysIt(one))
    for (const problem of ['failed', null] as const) {
      await note(problem)
      for (const { path } of paths) {
        const said = async () => {
          const { status, json } = await readOf(path)
          return [status, json.recounting?.problem ?? null]
        }
        // The people of a LIVE are read once a second.
        await expect.poll(said, { message: path, timeout: 5_000 }).toEqual([200, problem])
      }
    }
  })

  test('[RECOUNT-3] files say `recounting` too, and stay readable', async () => {
    const [csv = '', person = ''] = files
    const lines = async (path: string) =>
      (await readOf(CREATOR + path)).text.split(/\r?\n/).filter((line) => line !== '')
    await note(null)
    const before = { csv: await lines(csv), person: await lines(person) }
    await note('failed')
    const { headers } = await readOf(CREATOR + csv)
    expect(headers['content-disposition']).toMatch(/-not-final\.csv"$/)
    const [columns, said, ...minutes] = await lines(csv)
    expect([columns, ...minutes]).toEqual(before.csv)
    expect(said).toContain('The recount failed')
    const width = (line: string | undefined) => line?.split('","').length
    expect(width(said)).toBe(width(columns))
    const [first = '', ...rest] = await lines(person)
    expect(JSON.parse(first)).toMatchObject({ kind: 'recounting', problem: 'failed' })
    expect(rest).toEqual(before.person)
  })

  test('[RECOUNT-3] an answer from several reads says `recounting` if it was noted meanwhile', async () => {
    const tenant = serverTenant(creator.id)
    const read = (work: () => Promise<void>) =>
      withRecounting(app.database, tenant, async () => {
        await work()
        return { found: true }
      })
    await note(null)
    expect(await read(() => note('failed'))).toMatchObject({ recounting: { problem: 'failed' } })
    expect(await read(() => note(null))).toMatchObject({ recounting: { problem: 'failed' } })
    // A whole recount in between left no note, but another generation.
    let times = 0
    const raised = await read(async () => {
      if (++times > 1) return
      await app.database.query(
        sql`update counters set generation = generation + 1 where creator_id = ${creator.id}`,
      )
    })
    expect([raised, times]).toEqual([{ found: true, recounting: null }, 2])
  })
})
