import { setTimeout as delay } from 'node:timers/promises'
import { patiently } from '../runtime/intake.ts'
import { refusedAt } from '../runtime/receiver.ts'
import type { Secrets, SourceContext, SourceRow } from '../runtime/source.ts'
import { createApi, createFetching, createPatience, ShopApiError } from './api.ts'
import type { TikTokShopConfig } from './config.ts'
import { createHandler } from './deliveries.ts'
import { createLook } from './look.ts'
import { createPoll } from './poll.ts'
import { cipherOf, createShop } from './shop.ts'
import { createStatus } from './status.ts'
import { createTokens } from './tokens.ts'

const FAILED_WAIT_MS = 10_000
const DAY_MS = 24 * 3_600_000

/** Holds one shop: works off what it delivers and asks for what it did not deliver, until the signal ends. */
export async function runShop(
  source: SourceRow,
  context: SourceContext,
  signal: AbortSignal,
  config: TikTokShopConfig,
): Promise<void> {
  const { log } = context
  const secrets = await context.secrets.read()
  const status = createStatus(context)
  const { app_key: appKey = '', app_secret: appSecret = '' } = secrets
  if (!canAsk(secrets)) {
    const what = 'Without an access token, orders arrive without amounts.'
    status.stuck('reconnect', what)
    const handle = createHandler({ source, context, status, signal })
    return forEver(() => context.workOff(handle))
  }

  const hidden = new Set(hiddenOf(secrets))
  const hide = (text: string) =>
    [...hidden].reduce((shown, secret) => shown.replaceAll(secret, '…'), text)
  const keys = { appKey, appSecret }
  const fetching = createFetching({ timeoutMs: config.tiktokShopTimeoutMs, signal, hide })
  const insist = createPatience({ log, signal, told: status.api })
  const store = (changes: Secrets) => {
    for (const secret of hiddenOf(changes)) hidden.add(secret)
    return patiently(signal, log, () => context.secrets.write(changes))
  }
  const tokens = createTokens({
    secrets,
    keys,
    authUrl: config.tiktokShopAuthUrl,
    insist,
    fetching,
    store,
  })
  const api = createApi({ keys, baseUrl: config.tiktokShopApiUrl, tokens, insist, fetching, log })

  /** Waits for a person, who makes it begin anew: meanwhile nothing is worked off, and nothing gets lost. */
  const stuck = async ({
    problem,
    message,
  }: Pick<ShopApiError, 'message'> & {
    readonly problem: 'reconnect' | 'unknown_account'
  }): Promise<never> => {
    log.warn({ problem, detail: message }, 'a shop needs attention')
    status.stuck(problem, message)
    return untilEnded()
  }
  const stuckOn = (error: ShopApiError) => stuck({ problem: 'reconnect', message: error.message })

  const cipher = secrets.shop_cipher || (await orStuck(findCipher))
  const shop = createShop(api, cipher)
  const look = createLook(shop, context)
  const handle = createHandler({
    source,
    context,
    status,
    signal,
    asked: {
      shop,
      look,
      stuck: stuckOn,
      async checkPermission() {
        // An old word of it may come after the permission was given again.
        if ((await cipherOf(api, source.account)) !== undefined) return
        throw new ShopApiError('reconnect', 'The seller revoked the authorization.')
      },
    },
  })
  const round = createPoll({
    shop,
    look,
    context,
    now: api.now,
    backfillMs: config.tiktokShopBackfillDays * DAY_MS,
  })
  await Promise.all([
    forEver(() => context.workOff(handle)),
    forEver(async () => {
      await noteRefusals()
      status.round(await orStuck(round))
      await delay(config.tiktokShopPollS * 1_000 * (0.9 + Math.random() / 5), undefined, { signal })
    }),
  ])

  async function findCipher(): Promise<string> {
    const found = await cipherOf(api, source.account)
    if (found === undefined) {
      const message = `The seller of shop ${source.account} hasn’t authorized this app.`
      return stuck({ problem: 'unknown_account', message })
    }
    await store({ shop_cipher: found })
    return found
  }

  async function orStuck<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof ShopApiError && error.problem === 'reconnect') return stuckOn(error)
      throw error
    }
  }

  async function noteRefusals(): Promise<void> {
    const at = refusedAt(await context.cursor.read())
    if (at !== undefined) status.note('bad_signature', `Last at ${new Date(at).toISOString()}.`, at)
  }

  function untilEnded(): Promise<never> {
    return new Promise((_, failed) => {
      if (signal.aborted) return failed(signal.reason)
      signal.addEventListener('abort', () => failed(signal.reason), { once: true })
    })
  }

  /** Neither half may end the other: what fails here is said, and begun again. */
  async function forEver(work: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      try {
        await patiently(signal, log, work)
      } catch (error) {
        if (signal.aborted) return
        log.error({ err: error }, 'a shop task failed')
        status.round({ problem: 'internal', detail: 'The server’s log has the details.' })
        await delay(FAILED_WAIT_MS, undefined, { signal }).catch(() => {})
      }
    }
  }
}

/** Whether there is anything to ask the API with. */
function canAsk({ app_key, app_secret, access_token, refresh_token, auth_code }: Secrets): boolean {
  return Boolean(app_key && app_secret && (access_token || refresh_token || auth_code))
}

const hiddenOf = (secrets: Secrets): string[] =>
  Object.entries(secrets).flatMap(([name, secret]) =>
    name !== 'app_key' && name !== 'access_token_expires_at' && secret.length >= 4 ? secret : [],
  )
