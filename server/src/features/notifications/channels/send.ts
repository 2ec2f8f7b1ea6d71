import type { Database } from '@creatorflow/db/database'
import type { TargetKind } from '@creatorflow/shared/features/notifications'
import webPush from 'web-push'
import type { Outgoing } from '../../../core/outgoing/outgoing.ts'
import { serverTenant } from '../../../core/rights/authorize.ts'
import { OtherKeyError, type Sealer } from '../../../core/seal.ts'
import type { Mail } from '../../../identity/mail/mail.ts'
import { readerOf } from '../targets/readers.ts'
import { readTargetSecrets, type TargetSecrets } from '../targets/secrets.ts'
import { discordBody } from './discord.ts'
import { alertLetter } from './email.ts'
import type { Message } from './message.ts'
import { type Outcome, outcomeOf, type Reading } from './outcome.ts'
import { pushOf } from './push.ts'
import { type PushKeys, readPushKeys } from './push-keys.ts'
import { slackBody } from './slack.ts'
import { telegramBody } from './telegram.ts'
import { signedHeaders, webhookBody } from './webhook.ts'

export interface SendDeps {
  readonly database: Database
  readonly sealer: Sealer
  readonly outgoing: Outgoing
  /** Null if this server sends no e-mail. */
  readonly mail: Mail | null
  readonly telegramApiUrl: string
  /** Whom push services may write to. */
  readonly contact: string
  /** Whether whoever sits at the machine is its owner, without a sign-in. */
  readonly hasLocalOwner: boolean
}

/** The part of a target that sending needs. */
export interface SentTo {
  readonly id: string
  readonly creator_id: string
  readonly kind: TargetKind
  readonly user_id: string | null
}

/** One attempt to send a message. Rejects only when the database does not answer. */
export type Send = (target: SentTo, message: Message) => Promise<Outcome>

/** An alert that waits longer for a closed browser is old news. */
const PUSH_TTL_S = 3_600

const json = { 'content-type': 'application/json' }
/** A program may be in the middle of an update: all but its end is tried again. */
const ofWebhook: Reading = { isFinal: () => false, isGone: (status) => status === 410 }
/** What a service refuses once, such as a deleted channel, it refuses again. */
const isRefusal = (status: number) => status < 500 && ![408, 425, 429].includes(status)
const ofService: Reading = { isFinal: isRefusal, isGone: (status) => status === 410 }
const ofTelegram: Reading = { ...ofService, isGone: () => false, retryAfterS: telegramRetryAfter }
const ofPush: Reading = {
  isFinal: isRefusal,
  isGone: (status) => status === 404 || status === 410,
}

export function createSend(deps: SendDeps): Send {
  const { database, sealer, outgoing, mail } = deps
  let keys: Promise<PushKeys> | undefined

  const secretsOf = async <K extends keyof TargetSecrets>({ id }: SentTo) => {
    const secrets = await readTargetSecrets<K>(database, sealer, id)
    if (!secrets) throw new MissingSecrets()
    return secrets
  }
  const post = async (
    url: string,
    body: string | Uint8Array,
    headers: Readonly<Record<string, string>>,
    reading: Reading,
  ) => outcomeOf(await outgoing.post({ url, body, headers }), reading, Date.now())

  const channels: Readonly<Record<TargetKind, Send>> = {
    async webhook(target, message) {
      const { url, secret, previous } = await secretsOf<'webhook'>(target)
      const atMs = Date.now()
      const body = JSON.stringify(webhookBody(message))
      const isBoth = previous && previous.until > atMs
      const secrets = isBoth ? [secret, previous.secret] : [secret]
      // The id of the alert, whatever delivery brings it.
      const id = message.items[0]?.id ?? message.id
      return post(url, body, { ...json, ...signedHeaders(secrets, { id, atMs, body }) }, ofWebhook)
    },
    async slack(target, message) {
      const { url } = await secretsOf<'slack'>(target)
      return post(url, JSON.stringify(slackBody(message)), json, ofService)
    },
    async discord(target, message) {
      const { url } = await secretsOf<'discord'>(target)
      return post(url, JSON.stringify(discordBody(message)), json, ofService)
    },
    async telegram(target, message) {
      const { bot_token, chat_id } = await secretsOf<'telegram'>(target)
      const url = `${deps.telegramApiUrl}/bot${bot_token}/sendMessage`
      return post(url, JSON.stringify(telegramBody(message, chat_id)), json, ofTelegram)
    },
    async email(target, message) {
      const reader = target.user_id && (await readerOf(database, tenantOf(target), target.user_id))
      if (!reader) return noAccess
      if (!mail) return failed('This server can’t send e-mail. Set SMTP_URL first.')
      const isSent = await mail.send(alertLetter(message, reader.email))
      return isSent ? sent : failed('The mail server did not accept it.')
    },
    async push(target, message) {
      const isReader = target.user_id
        ? await readerOf(database, tenantOf(target), target.user_id)
        : deps.hasLocalOwner
      if (!isReader) return noAccess
      const { endpoint, p256dh, auth } = await secretsOf<'push'>(target)
      // Forgotten if it fails: a wrong key may be mended.
      keys ??= readPushKeys(database, sealer).catch((error: unknown) => {
        keys = undefined
        throw error
      })
      const request = encrypted({ endpoint, keys: { p256dh, auth } }, message, {
        subject: deps.contact,
        ...(await keys),
      })
      if (!request)
        return { outcome: 'gone', status: null, text: 'The browser’s key is not valid.' }
      return post(endpoint, request.body ?? '', textHeaders(request.headers), ofPush)
    },
  }

  return async (target, message) => {
    try {
      return await channels[target.kind](target, message)
    } catch (error) {
      if (error instanceof OtherKeyError || error instanceof MissingSecrets) {
        return failed(
          'Its secrets can’t be decrypted with this SECRET_KEY. Remove it and add it again.',
        )
      }
      throw error
    }
  }
}

class MissingSecrets extends Error {}

const sent: Outcome = { outcome: 'sent', status: null, text: null }
const failed = (text: string): Outcome => ({ outcome: 'failed', status: null, text })
const noAccess: Outcome = {
  outcome: 'gone',
  status: null,
  text: 'This person no longer has access to the creator.',
}

const tenantOf = ({ creator_id }: SentTo) => serverTenant(creator_id)

/** Encrypted for one browser and signed for its push service; undefined if the browser's key is none. */
function encrypted(
  subscription: webPush.PushSubscription,
  message: Message,
  vapidDetails: PushKeys & { readonly subject: string },
): webPush.RequestDetails | undefined {
  const text = JSON.stringify(pushOf(message))
  const urgency = message.items.some(({ severity }) => severity === 'critical') ? 'high' : 'normal'
  try {
    return webPush.generateRequestDetails(subscription, text, {
      vapidDetails,
      TTL: PUSH_TTL_S,
      urgency,
    })
  } catch {
    return undefined
  }
}

/** The library counts the length itself, as does whoever sends. */
function textHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.toLowerCase() !== 'content-length')
      .map(([name, value]) => [name, String(value)]),
  )
}

function telegramRetryAfter(body: string): number | undefined {
  const [, seconds] = /"retry_after"\s*:\s*(\d{1,9})/.exec(body) ?? []
  return seconds === undefined ? undefined : Number(seconds)
}
