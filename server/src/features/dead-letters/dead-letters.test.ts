import type { Database } from '@creatorflow/db/database'
import { unavailable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { logOf } from '../../../test/log-rows.ts'
import { newUser } from '../../../test/people.ts'
import { type Served, serve } from '../../../test/serve.ts'
import { createTelemetry } from '../../core/telemetry.ts'
import { createDeadLetters, forgetLetters } from '../../dead-letters/dead-letters.ts'
import { createApiKey } from '../../identity/access/api-keys.ts'
import { sourceDefinitions } from '../../sources/index.ts'
import { sourceKindsOf } from '../../sources/runtime/registry.ts'
import type { SourceRow } from '../../sources/runtime/source.ts'
import { createTestKind, newSource, startNode } from '../../sources/test/node.ts'
import { runDeadLetters } from './command.ts'
import { createDeadLettersFeature } from './index.ts'

describe.each(databases())('dead letters on $name', (backend) => {
  let database: Database
  beforeAll(async () => {
    database = await openTestDatabase(backend)
  })
  afterAll(() => database?.[Symbol.asyncDispose]())

  interface Started {
    readonly letters: ReturnType<typeof createDeadLetters>
    readonly telemetry: ReturnType<typeof createTelemetry>
    readonly source: SourceRow
    readonly served: Served
    /** For a signed-in owner: not every database has a local one. */
    readonly headers: Readonly<Record<string, string>>
    ask(method: string, path: string, body?: object): ReturnType<Served['ask']>
  }

  async function start(
    limits = { maxDeadLetters: 100, maxDeadLetterBytes: 100_000 },
    wrap = (of: Database) => of,
  ): Promise<Started> {
    const telemetry = createTelemetry()
    const letters = createDeadLetters({ database, config: limits, telemetry })
    const source = await newSource(database, 'shopify')
    const node = startNode({ database: wrap(database), name: 'a', kinds: [] })
    onTestFinished(() => node[Symbol.asyncDispose]())
    const feature = createDeadLettersFeature({
      database,
      pipeline: node.pipeline,
      config: limits,
      sourceKinds: sourceKindsOf(sourceDefinitions),
      kinds: [createTestKind('shopify').of('a')],
    })
    const served = await serve({ database, features: [feature] })
    onTestFinished(() => served[Symbol.asyncDispose]())
    const owner = await newUser(database, { roles: [{ creatorId: null, role: 'owner' }] })
    const headers = { cookie: owner.cookie }
    return {
      letters,
      telemetry,
      source,
      served,
      headers,
      ask: (method, path, body) =>
        served.ask(method, `/api/v1/creators/${source.creator_id}/dead-letters${path}`, {
          headers,
          ...(body && { body }),
        }),
    }
  }

  const message = (...ids: string[]) => ({
    events: ids.map((id) => ({ id, type: 'like' })),
  })
  const letter = (key: string, raw: unknown, topic = 'order') => ({
    raw,
    topic,
    key,
    reason: 'not understood',
  })

  test('[SOURCE-7] a message is kept as received, with source, reason and time, once', async () => {
    const { letters, source, ask } = await start()
    await letters.setAside(source, letter('1', '{"a": 1}'))
    await letters.setAside(source, letter('2', Buffer.of(0xff, 0, 1)))
    await letters.setAside(source, { ...letter('1', '{"a": 2}'), reason: 'newer\0' })
    const { json } = await ask('GET', '')
    expect(json).toMatchObject({
      waiting: 2,
      replayed: 0,
      lost: 0,
      lost_at: null,
      next_cursor: null,
    })
    expect(json.letters).toMatchObject([
      { source: 'shopify', source_id: source.id, source_name: source.name, key: '2', bytes: 3 },
      { key: '1', topic: 'order', reason: 'newer', attempts: 0, replayed_at: null },
    ])
    const [binary, text] = json.letters
    expect(await ask('GET', `/${text.id}`)).toMatchObject({
      json: { body: '{"a": 2}', encoding: 'text' },
    })
    expect(await ask('GET', `/${binary.id}`)).toMatchObject({
      json: { body: Buffer.of(0xff, 0, 1).toString('base64'), encoding: 'base64' },
    })
    expect(await ask('GET', '/999999')).toMatchObject({ status: 404 })
  })

  test('[SOURCE-7] is listed newest first, page by page, by source and state', async () => {
    const { letters, source, ask } = await start()
    for (let n = 1; n <= 5; n++) await letters.setAside(source, letter(`${n}`, message(`${n}`)))
    await letters.setEventAside(source.creator_id, { id: 'e' }, 'broken')
    const keys = (reply: Awaited<ReturnType<typeof ask>>) =>
      reply.json.letters.map(({ key }: { key: string }) => key)
    const first = await ask('GET', '?limit=4')
    expect(keys(first)).toEqual(['e', '5', '4', '3'])
    expect(keys(await ask('GET', `?limit=4&cursor=${first.json.next_cursor}`))).toEqual(['2', '1'])
    expect(keys(await ask('GET', '?source=inside'))).toEqual(['e'])
    expect(keys(await ask('GET', `?source_id=${source.id}`))).toHaveLength(5)
    await ask('POST', '/replay', { ids: [first.json.letters[1].id] })
    expect(keys(await ask('GET', '?state=replayed'))).toEqual(['5'])
    expect(keys(await ask('GET', '?state=waiting&source=shopify'))).toEqual(['4', '3', '2', '1'])
    expect(keys(await ask('GET', '?state=all'))).toHaveLength(6)
  })

  test('[SOURCE-7] a message without a time happened when it first arrived, however late it is replayed', async () => {
    const { letters, source, ask } = await start()
    await letters.setAside(source, letter('1', message('a')))
    const event = { id: 'b', type: 'like' }
    await letters.setEventAside(source.creator_id, event, 'broken')
    const at = Date.now() - 2 * 86_400_000
    await database.query(sql`
      update dead_letters set received_at = ${new Date(at).toISOString()}::timestamptz
      where creator_id = ${source.creator_id}`)
    expect(await ask('POST', '/replay', {})).toMatchObject({ json: { replayed: 2, failed: 0 } })
    const rows = await logOf(database, source.creator_id)
    expect(rows.map(({ id, ts }) => [id, Math.round((ts - at) / 60_000)])).toEqual([
      ['a', 0],
      ['b', 0],
    ])
  })

  test('[SOURCE-7] replaying stores what is understood now, once, however often it is repeated', async () => {
    const { letters, source, ask } = await start()
    await letters.setAside(source, letter('1', message('a', 'b')))
    await letters.setAside(source, letter('2', message('b', 'c')))
    expect(await ask('POST', '/replay', {})).toMatchObject({
      json: { replayed: 2, failed: 0, next: null },
    })
    expect((await logOf(database, source.creator_id)).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(await ask('POST', '/replay', {})).toMatchObject({ json: { replayed: 0, failed: 0 } })
    // It failed again at the service: the same letter, and its events already exist.
    await letters.setAside(source, letter('1', message('a', 'b')))
    expect(await ask('POST', '/replay', {})).toMatchObject({ json: { replayed: 1, failed: 0 } })
    expect(await logOf(database, source.creator_id)).toHaveLength(3)
  })

  test('[SOURCE-7] a letter that fails again stays, with its new reason and one more attempt', async () => {
    const { letters, source, ask } = await start()
    await letters.setAside(source, letter('1', message('a'), 'unknown'))
    await letters.setAside(source, letter('2', { events: [{ id: 'x', type: 'odd' }] }))
    await letters.setAside(source, letter('3', 'no json'))
    expect(await ask('POST', '/replay', { source: 'shopify' })).toMatchObject({
      json: { replayed: 0, failed: 3, next: null },
    })
    expect((await ask('GET', '')).json.letters).toMatchObject([
      { key: '3', reason: expect.stringContaining('JSON'), attempts: 1 },
      { key: '2', reason: expect.stringMatching(/^unknown_type/), attempts: 1 },
      { key: '1', reason: 'still not known', attempts: 1 },
    ])
    await database.query(sql`delete from sources where id = ${source.id}::uuid`)
    await ask('POST', '/replay', {})
    expect((await ask('GET', '')).json.letters[0]).toMatchObject({
      source_id: null,
      reason: expect.stringContaining('was removed'),
      attempts: 2,
    })
  })

  test('[SOURCE-7] an event that failed inside is one letter, and is stored once the fault is fixed', async () => {
    let isBroken = true
    const poison = (of: Database): Database => ({
      ...of,
      transaction: (work) => {
        if (isBroken) return Promise.reject(Object.assign(new Error('a bug'), { code: '22012' }))
        return of.transaction(work)
      },
    })
    const { letters, source, ask } = await start(undefined, poison)
    const event = { id: 'e', type: 'like', ts: Date.now() - 1_000 }
    await letters.setEventAside(source.creator_id, event, 'a bug')
    expect(await ask('POST', '/replay', {})).toMatchObject({ json: { replayed: 0, failed: 1 } })
    expect((await ask('GET', '')).json).toMatchObject({
      waiting: 1,
      letters: [{ source: 'inside', topic: 'like', attempts: 1 }],
    })
    isBroken = false
    expect(await ask('POST', '/replay', {})).toMatchObject({ json: { replayed: 1, failed: 0 } })
    expect((await logOf(database, source.creator_id)).map(({ id }) => id)).toEqual(['e'])
  })

  test('[SOURCE-7] while the database is away, replaying says so and the letter stays unchanged', async () => {
    let isAway = true
    const { letters, source, ask } = await start(undefined, (of) => ({
      ...of,
      transaction: (work) => (isAway ? Promise.reject(unavailable('cut')) : of.transaction(work)),
    }))
    await letters.setAside(source, letter('1', message('a')))
    expect(await ask('POST', '/replay', {})).toMatchObject({ status: 503 })
    expect((await ask('GET', '')).json.letters).toMatchObject([
      { reason: 'not understood', attempts: 0 },
    ])
    isAway = false
    expect(await ask('POST', '/replay', {})).toMatchObject({ json: { replayed: 1 } })
  })

  test('[SOURCE-7] many are replayed in batches, oldest first, continuing past failures', async () => {
    const { letters, source, ask } = await start()
    for (let n = 0; n < 7; n++) {
      await letters.setAside(source, letter(`${n}`, message(`${n}`), n % 2 ? 'unknown' : 'order'))
    }
    const tally = { replayed: 0, failed: 0 }
    let after: number | null = 0
    for (let rounds = 0; after !== null && rounds < 9; rounds++) {
      const { json }: { json: { replayed: number; failed: number; next: number | null } } =
        await ask('POST', '/replay', { limit: 2, after })
      tally.replayed += json.replayed
      tally.failed += json.failed
      after = json.next
    }
    expect(tally).toEqual({ replayed: 4, failed: 3 })
    expect((await logOf(database, source.creator_id)).map(({ id }) => id)).toEqual([
      '0',
      '2',
      '4',
      '6',
    ])
  })

  test('[SOURCE-7] past the quota, replayed letters are deleted first, then the oldest, and deletions are counted', async () => {
    const { letters, source, ask, telemetry } = await start({
      maxDeadLetters: 4,
      maxDeadLetterBytes: 1_000,
    })
    for (let n = 1; n <= 4; n++) await letters.setAside(source, letter(`${n}`, message(`${n}`)))
    const all = await ask('GET', '?state=all')
    await ask('POST', '/replay', { ids: [all.json.letters[0].id] })
    const keys = async () => {
      const { json } = await ask('GET', '?state=all')
      return json.letters.map(({ key }: { key: string }) => key)
    }
    await letters.setAside(source, letter('5', 'x'))
    expect(await keys()).toEqual(['5', '3', '2', '1'])
    expect((await ask('GET', '')).json).toMatchObject({ lost: 0 })
    await letters.setAside(source, letter('6', 'x'))
    expect(await keys()).toEqual(['6', '5', '3', '2'])
    await letters.setAside(source, letter('7', 'x'.repeat(990)))
    expect(await keys()).toEqual(['7', '6', '5'])
    expect((await ask('GET', '')).json).toMatchObject({
      lost: 3,
      lost_at: expect.any(String),
      limits: { letters: 4, bytes: 1_000 },
    })
    expect(await telemetry.text()).toContain('creatorflow_dead_letters_lost_total 3')
    expect(await telemetry.text()).toContain('creatorflow_dead_letters_total{source="shopify"} 7')
  })

  test('[SOURCE-7] letters older than the retention are deleted', async () => {
    const { letters, source, ask } = await start()
    await letters.setAside(source, letter('old', 'x'))
    await database.query(sql`
      update dead_letters set received_at = now() - interval '9 days' where key = 'old'`)
    await letters.setAside(source, letter('new', 'x'))
    await forgetLetters(database, 0)
    expect((await ask('GET', '')).json.waiting).toBe(2)
    await forgetLetters(database, 8)
    expect((await ask('GET', '')).json.letters).toMatchObject([{ key: 'new' }])
  })

  test('[SOURCE-7] dropping deletes the chosen letters, none that came later, and is in the audit log', async () => {
    const { letters, source, ask, served, headers } = await start()
    for (let n = 1; n <= 3; n++) await letters.setAside(source, letter(`${n}`, 'x'))
    const [newest, middle] = (await ask('GET', '')).json.letters
    expect(await ask('POST', '/drop', { up_to: middle.id })).toMatchObject({ json: { dropped: 2 } })
    expect((await ask('GET', '')).json.letters).toMatchObject([{ key: '3' }])
    expect(await ask('POST', '/drop', { ids: [newest.id] })).toMatchObject({ json: { dropped: 1 } })
    expect(await ask('POST', '/drop', {})).toMatchObject({ json: { dropped: 0 } })
    const audit = await served.ask('GET', `/api/v1/audit?creator_id=${source.creator_id}`, {
      headers,
    })
    expect(audit.json.entries).toMatchObject([
      { action: 'dead_letters.dropped', details: { letters: 1 } },
      { action: 'dead_letters.dropped', details: { letters: 2 } },
    ])
  })

  test("[P5][SOURCE-7] another creator's letters are neither shown, replayed nor dropped", async () => {
    const { letters, source, ask } = await start()
    const other = await newSource(database)
    await letters.setAside(other, letter('theirs', message('theirs')))
    const [row] = await database.query<{ id: number }>(
      sql`select id from dead_letters where key = 'theirs'`,
    )
    const ids = [row?.id ?? 0]
    expect((await ask('GET', '?state=all')).json).toMatchObject({ letters: [], waiting: 0 })
    expect(await ask('GET', `/${ids[0]}`)).toMatchObject({ status: 404 })
    expect(await ask('POST', '/replay', { ids })).toMatchObject({
      json: { replayed: 0, failed: 0 },
    })
    expect(await ask('POST', '/drop', { ids })).toMatchObject({ json: { dropped: 0 } })
    expect(await logOf(database, source.creator_id)).toEqual([])
  })

  test('[SOURCE-7] a terminal can list, show, replay and drop, with clear errors', async () => {
    const { letters, source, served } = await start()
    await letters.setAside(source, letter('1', '{"a":1}', 'unknown'))
    await letters.setAside(source, letter('2', message('b')))
    const url = `http://127.0.0.1:${served.port}`
    const of = { name: 'terminal', creatorId: source.creator_id, scopes: ['operate'] } as const
    const { key } = await createApiKey(database, of)
    const run = async (...args: string[]) => {
      const lines: string[] = []
      const code = await runDeadLetters([...args, '--url', url, '--key', key], (line) =>
        lines.push(line),
      )
      return { code, text: lines.join('\n') }
    }
    const creator = ['--creator', source.creator_id]
    const listed = await run('list', ...creator)
    expect(listed.code).toBe(0)
    expect(listed.text).toContain('not understood')
    expect(listed.text).toMatch(/2 waiting/)
    const id = /^ *(\d+) .*unknown/m.exec(listed.text)?.[1] ?? ''
    expect(await run('show', id, ...creator)).toMatchObject({
      code: 0,
      text: expect.stringContaining('"a": 1'),
    })
    expect(await run('replay', ...creator)).toMatchObject({
      code: 1,
      text: expect.stringContaining('1 replayed, 1 failed'),
    })
    expect((await run('drop', ...creator)).code).toBe(2)
    expect(await run('drop', id, ...creator)).toMatchObject({
      code: 0,
      text: expect.stringContaining('1 deleted'),
    })
    expect(await run('drop', '--all', ...creator)).toMatchObject({ code: 0 })
    expect(await run('list', ...creator)).toMatchObject({
      text: expect.stringContaining('No dead letters'),
    })
    expect((await run('list')).code).toBe(2)
    expect((await run('burn', ...creator)).code).toBe(2)
    expect(await run('show', '999999', ...creator)).toMatchObject({
      code: 1,
      text: expect.stringContaining('Dead letter not found'),
    })
    const nowhere = ['--url', 'http://127.0.0.1:1']
    const lines: string[] = []
    expect(await runDeadLetters(['list', ...creator, ...nowhere], (l) => lines.push(l))).toBe(1)
    expect(lines.join()).toContain('no response from')
  })
})
