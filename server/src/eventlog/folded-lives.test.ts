import type { Database } from '@creatorflow/db/database'
import { openTestDatabase } from '@creatorflow/db/testing'
import { emptyLive, foldLive } from '@creatorflow/shared/fold-live'
import type { LiveEntry } from '@creatorflow/shared/live-state'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { observedDatabase } from '../../test/observed-database.ts'
import { createWrittenLogs, type WrittenLogs } from '../../test/written-log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { createFoldedLives } from './folded-lives.ts'
import { readLog } from './log-reader.ts'

const PLENTY = 10_000_000

describe.each(databases())('LIVEs folded from the log on $name', (backend) => {
  let database: Database
  let logs: WrittenLogs
  let reads = 0
  beforeAll(async () => {
    const opened = await openTestDatabase(backend)
    database = observedDatabase(opened, {
      before(text) {
        if (/from events\b/.test(text)) reads++
      },
    })
    logs = createWrittenLogs(opened)
  })
  afterAll(async () => {
    await logs?.[Symbol.asyncDispose]()
    await database?.[Symbol.asyncDispose]()
  })

  /** The LIVE with the most events, folded by the fold alone. */
  async function folded(creatorId: string): Promise<LiveEntry> {
    const events = []
    for (let seq = 0; ; ) {
      const page = await readLog(database, serverTenant(creatorId), seq)
      events.push(...page)
      if (page.length === 0) break
      seq = page.at(-1)?.seq ?? seq
    }
    const byLive = Map.groupBy(events, ({ session_id }) => session_id ?? '')
    byLive.delete('')
    const [id, own] = [...byLive].sort((a, b) => b[1].length - a[1].length)[0] ?? ['', []]
    const live = emptyLive(id, own[0]?.live_started_at ?? 0)
    for (const event of own) foldLive(live, event, { add: () => {} })
    return live
  }

  async function setUp(maxBytes = PLENTY) {
    const creatorId = await logs.newCreator()
    await logs.send(creatorId, 300)
    const expected = await folded(creatorId)
    const lives = createFoldedLives(database, { liveCacheBytes: maxBytes })
    const ask = () => lives.read(serverTenant(creatorId), expected.session_id)
    const readsOf = async (work: () => Promise<unknown>) => {
      reads = 0
      await work()
      return reads
    }
    return { creatorId, expected, ask, readsOf }
  }

  test('[SCREEN-1] a second request reads only events that came since', async () => {
    const { creatorId, expected, ask, readsOf } = await setUp()
    expect(await ask()).toEqual(expected)
    expect(await readsOf(ask)).toBe(0)
    await logs.send(creatorId, 40)
    const grown = await folded(creatorId)
    expect(grown.totals).not.toEqual(expected.totals)
    expect(await readsOf(ask)).toBeLessThanOrEqual(4)
    expect(await ask()).toEqual(grown)
  })

  test('[SCREEN-1] several callers at once share one fold', async () => {
    const { expected, ask, readsOf } = await setUp()
    let answers: unknown[] = []
    const together = await readsOf(async () => {
      answers = await Promise.all([ask(), ask(), ask()])
    })
    expect(answers).toEqual([expected, expected, expected])
    const { ask: alone, readsOf: count } = await setUp()
    expect(together).toBe(await count(alone))
  })

  test('[SCREEN-1] an answer is the caller’s own', async () => {
    const { expected, ask } = await setUp()
    const answer = await ask()
    Object.assign(answer?.totals ?? {}, { gmv: -1 })
    expect(await ask()).toEqual(expected)
  })

  test('[SCREEN-1] a log of another generation is folded again', async () => {
    const { creatorId, expected, ask } = await setUp()
    await ask()
    await logs.rewrite(creatorId)
    const rewritten = await folded(creatorId)
    expect(rewritten.totals.gmv).not.toBe(expected.totals.gmv)
    expect(await ask()).toEqual(rewritten)
  })

  test.each([100, 0])(
    '[SCREEN-1] past the cache limit (%d bytes) a LIVE is folded again',
    async (bytes) => {
      const { expected, ask, readsOf } = await setUp(bytes)
      expect(await ask()).toEqual(expected)
      expect(await readsOf(ask)).toBeGreaterThan(0)
    },
  )

  test('[SCREEN-1] an unknown LIVE is not found', async () => {
    const { creatorId } = await setUp()
    const lives = createFoldedLives(database, { liveCacheBytes: PLENTY })
    expect(await lives.read(serverTenant(creatorId), 'none')).toBeUndefined()
  })
})
