import type { Answer } from '@creatorflow/shared/query'
import { expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { livesAroundMark, markOf, RETENTION_DAYS } from '../../test/dropped-log.ts'
import { ask, startApp } from '../../test/harness.ts'
import { createInProcessBus } from '../bus/in-process.ts'
import { silentLog } from '../core/log.ts'
import { createTelemetry } from '../core/telemetry.ts'
import { resettleNoted } from '../jobs/resettle.ts'
import { retain } from '../jobs/retention.ts'

const DAY_MS = 86_400_000
const iso = (ms: number) => new Date(ms).toISOString()

test.each(databases())(
  '[KEEP-2] dropping old events changes only answers about distinct people that need them, on $name',
  { timeout: 120_000 },
  async (backend) => {
    const log = silentLog()
    await using bus = createInProcessBus({ log, telemetry: createTelemetry() })
    const env = { ROLES: 'pipeline,gateway', MAX_REQUESTS_PER_S_PER_CREATOR: '0' }
    await using app = await startApp({ database: backend, bus, env })
    const creator = await app.newCreator({ timeZone: 'Asia/Kolkata' })
    const events = livesAroundMark(3)
    for (let at = 0; at < events.length; at += 500) {
      const { json } = await app.post(events.slice(at, at + 500), creator)
      expect(json.rejected).toEqual([])
    }
    await resettleNoted({ database: app.database, bus, config: { resettleDelayMs: 0 }, log })
    const mark = markOf()
    const range = { from: iso(mark - 32 * DAY_MS), to: iso(mark + 13 * DAY_MS) }
    const sums = ['gmv', 'aov', 'likes', 'peak_viewers', 'average_viewers', 'new_customers']
    const people = ['viewers', 'customers']
    const questions = [
      { metrics: [...sums, ...people], range },
      { metrics: [...sums, ...people], bucket: 'day', range },
      { metrics: [...sums, ...people], bucket: 'month', range },
      { metrics: [...sums, ...people, 'live_seconds'], by: ['session'], range },
      { metrics: [...sums, ...people], by: ['channel', 'traffic_source'], range },
      { metrics: [...sums, 'lives', 'live_seconds'], by: ['weekday', 'hour'], range },
      { metrics: ['gmv', 'product_clicks'], by: ['product'], bucket: 'week', limit: 5, range },
      { metrics: sums, where: [{ dimension: 'channel', op: 'in', values: ['tiktok'] }], range },
    ]
    const answers = async () => {
      const headers = { authorization: `Bearer ${creator.key}`, 'content-type': 'application/json' }
      const path = `/api/v1/creators/${creator.id}/queries`
      const { json } = await ask(app.port, 'POST', path, headers, JSON.stringify({ questions }))
      return json.answers as Answer[]
    }
    const before = await answers()
    await retain({ database: app.database, bus, config: { retentionDays: RETENTION_DAYS }, log })
    const after = await answers()
    for (const [n, { rows }] of before.entries()) {
      const found = new Map(after[n]?.rows.map((row) => [JSON.stringify(row.keys), row]))
      for (const { keys, values } of rows) {
        const now = found.get(JSON.stringify(keys))
        for (const [id, told] of Object.entries(values)) {
          for (const [at, value] of told.entries()) {
            const is = now?.values[id as 'gmv']?.[at]
            const reason = now?.reasons?.[id as 'gmv']?.[at] ?? ''
            if (is === null && people.includes(id) && reason.includes('no longer kept')) continue
            expect(is, `question ${n}, ${id} of ${keys}`).toEqual(value)
          }
        }
      }
    }
    // Whole days and LIVEs are known for good, groups of the range are not.
    expect(after[1]?.rows[0]?.reasons?.viewers).toBeUndefined()
    expect(after[4]?.rows[0]?.reasons?.viewers).toEqual([expect.stringContaining('no longer kept')])
  },
)
