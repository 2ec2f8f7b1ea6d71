import { setTimeout as delay } from 'node:timers/promises'
import { patiently } from '../runtime/intake.ts'
import { refusedAt } from '../runtime/refusals.ts'
import type { SourceContext, SourceRow } from '../runtime/source.ts'
import { type ShopApi, ShopApiError } from './api.ts'
import { withApp } from './app.ts'
import type { TikTokShopConfig } from './config.ts'
import { createHandler } from './deliveries.ts'
import { createLook } from './look.ts'
import { canAsk, openApi } from './open-api.ts'
import { createPoll } from './poll.ts'
import { cipherOf, createShop } from './shop.ts'
import { createStatus, type Status } from './status.ts'

const FAILED_WAIT_MS = 10_000
const DAY_MS = 24 * 3_600_000

/** Holds one shop: processes its deliveries and polls for what it did not deliver, until the signal ends. */
export async function runShop(
  source: SourceRow,
  context: SourceContext,
  signal: AbortSignal,
  config: TikTokShopConfig,
): Promise<void> {
  const secrets = withApp(await context.secrets.read(), config)
  const status = createStatus(context)
  const work: Work = { context, status, signal }
  if (!canAsk(secrets)) {
    const what = 'Without an access token, orders arrive without amounts.'
    status.stuck('reconnect', what)
    const handle = createHandler({ source, context, status, signal })
    return forEver(work, () => context.workOff(handle))
  }

  const { api, store } = openApi(secrets, { context, status, signal, config })
  const stuckOn = ({ message }: ShopApiError) => stuck(work, { problem: 'reconnect', message })
  const orStuck = async <T>(attempt: () => Promise<T>): Promise<T> => {
    try {
      return await attempt()
    } catch (error) {
      if (error instanceof ShopApiError && error.problem === 'reconnect') return stuckOn(error)
      throw error
    }
  }
  const findCipher = async (): Promise<string> => {
    const found = await cipherOf(api, source.account)
    if (found === undefined) {
      const message = `The seller of shop ${source.account} hasn’t authorized this app.`
      return stuck(work, { problem: 'unknown_account', message })
    }
    await store({ shop_cipher: found })
    return found
  }

  const cipher = secrets.shop_cipher || (await orStuck(findCipher))
  const shop = createShop(api, cipher)
  const look = createLook(shop, context)
  const checkPermission = () => confirmPermission(api, source.account)
  const asked = { shop, look, stuck: stuckOn, checkPermission }
  const handle = createHandler({ source, context, status, signal, asked })
  const backfillMs = config.tiktokShopBackfillDays * DAY_MS
  const round = createPoll({ shop, look, context, now: api.now, backfillMs })
  await Promise.all([
    forEver(work, () => context.workOff(handle)),
    forEver(work, async () => {
      await noteRefusals(work)
      status.round(await orStuck(round))
      await delay(config.tiktokShopPollS * 1_000 * (0.9 + Math.random() / 5), undefined, { signal })
    }),
  ])
}

/** What the parts of a held shop share. */
interface Work {
  readonly context: SourceContext
  readonly status: Status
  readonly signal: AbortSignal
}

/** Throws `reconnect` if the app has no permission. A delivery that says so may be older than a new permission. */
async function confirmPermission(api: ShopApi, account: string): Promise<void> {
  if ((await cipherOf(api, account)) !== undefined) return
  throw new ShopApiError('reconnect', 'The seller revoked the authorization.')
}

/** Waits for a person, whose change restarts it: meanwhile nothing is processed, and nothing gets lost. */
function stuck(
  { context, status, signal }: Work,
  of: { readonly problem: 'reconnect' | 'unknown_account'; readonly message: string },
): Promise<never> {
  context.log.warn({ problem: of.problem, detail: of.message }, 'a shop needs attention')
  status.stuck(of.problem, of.message)
  return new Promise((_, failed) => {
    if (signal.aborted) return failed(signal.reason)
    signal.addEventListener('abort', () => failed(signal.reason), { once: true })
  })
}

async function noteRefusals({ context, status }: Work): Promise<void> {
  const at = refusedAt(await context.cursor.read())
  if (at !== undefined) status.note('bad_signature', `Last at ${new Date(at).toISOString()}.`, at)
}

/** Neither half may end the other: failures here are reported, and it restarts. */
async function forEver(
  { context: { log }, status, signal }: Work,
  task: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await patiently(signal, log, task)
    } catch (error) {
      if (signal.aborted) return
      log.error({ err: error }, 'a shop task failed')
      status.round({ problem: 'internal', detail: 'The server’s log has the details.' })
      await delay(FAILED_WAIT_MS, undefined, { signal }).catch(() => {})
    }
  }
}
