import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { startApp } from '../../../test/harness.ts'
import { digestsOf, recordedAnswers, recordedPaths } from '../../../test/recorded-answers.ts'
import { liveAcrossMidnight, sendInHalves } from './test/live-across-midnight.ts'

const recorded = join(import.meta.dirname, 'test/recorded.json')

const at = (time: string) => `2026-03-${time}:00Z`
const saturday = { session_id: 'saturday' }
/** A LIVE with pauses, likes from before the first report, another currency, refunds, and costs outside of LIVEs. */
const more = [
  { id: 's1', type: 'live_started', ts: at('14T12:00'), ...saturday },
  { id: 's2', type: 'live_paused', ts: at('14T12:20'), ...saturday },
  { id: 's3', type: 'live_resumed', ts: at('14T12:40'), ...saturday },
  { id: 's4', type: 'like', ts: at('14T12:05'), properties: { total: 700 }, ...saturday },
  { id: 's5', type: 'like', ts: at('14T12:15'), properties: { total: 740 }, ...saturday },
  { id: 's6', type: 'viewer_count', ts: at('14T12:06'), quantity: 30, ...saturday },
  {
    id: 's7',
    type: 'viewer_count',
    ts: at('14T12:50'),
    quantity: 10,
    channel: 'tiktok',
    ...saturday,
  },
  { id: 's8', type: 'viewer_joined', ts: at('14T12:07'), user_id: 'ann', ...saturday },
  {
    id: 's9',
    type: 'viewer_joined',
    ts: at('14T12:57'),
    user_id: 'ann',
    channel: 'tiktok',
    ...saturday,
  },
  {
    id: 'p1',
    type: 'payment_completed',
    ts: at('14T12:30'),
    amount: 900,
    order_id: 'o1',
    customer_id: 'c1',
    ...saturday,
  },
  {
    id: 'p2',
    type: 'payment_completed',
    ts: at('14T12:31'),
    amount: 500,
    currency: 'EUR',
    order_id: 'o2',
    ...saturday,
  },
  {
    id: 'p3',
    type: 'payment_completed',
    ts: at('15T09:00'),
    amount: 300,
    order_id: 'o3',
    customer_id: 'c1',
    channel: 'shopify',
  },
  {
    id: 'r1',
    type: 'order_refunded',
    ts: at('16T10:00'),
    amount: 200,
    order_id: 'o1',
    ...saturday,
  },
  { id: 'a1', type: 'ad_spend_incurred', ts: at('14T08:00'), amount: 120, channel: 'tiktok' },
  { id: 'k1', type: 'product_cost_incurred', ts: at('14T08:00'), amount: 80 },
  { id: 'e1', type: 'live_ended', ts: at('14T13:00'), ...saturday },
]

test.each(databases())(
  '[PAST-6] every answer equals the recorded one byte for byte, on $name',
  { timeout: 120_000 },
  async (database) => {
    const env = { MAX_REQUESTS_PER_S_PER_CREATOR: '0', RESETTLE_DELAY_MS: '0' }
    await using app = await startApp({ database, env })
    const creator = await app.newCreator({ timeZone: 'Asia/Kolkata' })
    const events = [...liveAcrossMidnight('friday'), ...more]
    await sendInHalves({ app, creator }, events)
    const paths = recordedPaths(creator, 'saturday')
    const found = digestsOf(paths, await recordedAnswers(app, creator, 'saturday'))
    if (process.env.RECORD_ANSWERS) writeFileSync(recorded, `${JSON.stringify(found, null, 2)}\n`)
    expect(found).toEqual(JSON.parse(readFileSync(recorded, 'utf8')))
  },
)
