import type { EventType } from './event-types.ts'
import { type BaseMetric, basesOf, type MetricId, metrics } from './metrics.ts'

export interface SourceKindDefinition {
  readonly name: string
  /** What one of its accounts is called. */
  readonly account: string
  /** Types of events that it brings: the tiles that these feed depend on it. */
  readonly brings: readonly EventType[]
  /** What is sealed of it, by name. */
  readonly secrets: readonly string[]
}

const order: readonly EventType[] = [
  'order_created',
  'order_on_hold',
  'payment_completed',
  'order_fulfilled',
  'order_shipped',
  'order_delivered',
  'order_cancelled',
  'order_returned',
  'order_refunded',
  'stock_level',
]

/** Every kind of connection there is. */
export const sourceKinds = {
  tiktok_live: {
    name: 'TikTok LIVE',
    account: 'handle',
    brings: [
      'live_started',
      'live_ended',
      'live_paused',
      'live_resumed',
      'viewer_count',
      'viewer_joined',
      'comment',
      'like',
      'share',
      'follow',
      'subscribe',
      'gift',
      'guest_gift',
      'product_pinned',
      'product_unpinned',
      'source_gap',
    ],
    secrets: [],
  },
  tiktok_shop: {
    name: 'TikTok Shop',
    account: 'shop',
    brings: order,
    secrets: ['app_key', 'app_secret', 'shop_cipher', 'access_token', 'refresh_token', 'auth_code'],
  },
  shopify: { name: 'Shopify', account: 'shop', brings: order, secrets: ['client_secret'] },
} as const satisfies Readonly<Record<string, SourceKindDefinition>>

export type SourceKindId = keyof typeof sourceKinds

/** The way of deliveries to this server, for those that are pushed. */
export function webhookPath(kind: SourceKindId, sourceId: string): string | null {
  return kind === 'tiktok_live' ? null : `/api/v1/webhooks/${kind.replaceAll('_', '-')}/${sourceId}`
}

export const sourceKindIds = Object.keys(sourceKinds) as readonly SourceKindId[]

/** The status of a source, and what it means for whoever looks at it. */
export const sourceStates = {
  off: { name: 'Off', text: 'Turned off.', good: true },
  starting: { name: 'Starting', text: 'Not checked yet.', good: true },
  waiting: { name: 'Waiting', text: 'Working. Nothing to receive right now.', good: true },
  receiving: { name: 'Receiving', text: 'Connected and receiving events.', good: true },
  paused: { name: 'Paused', text: 'The host paused the LIVE.', good: true },
  retrying: { name: 'Retrying', text: 'Disconnected. Reconnecting automatically.', good: false },
  needs_you: { name: 'Needs you', text: 'Stopped until someone fixes the problem.', good: false },
} as const satisfies Readonly<
  Record<string, { readonly name: string; readonly text: string; readonly good: boolean }>
>

export type SourceState = keyof typeof sourceStates

interface ProblemWords {
  readonly text: string
  readonly todo: string
}

/** What can be wrong with a source, and what somebody may do about it. */
export const sourceProblems = {
  unknown_account: {
    text: 'This account doesn’t exist.',
    todo: 'Check the spelling, remove this source, and add it again.',
  },
  sign_server: {
    text: 'The sign server isn’t responding correctly. TikTok accepts no connection without it.',
    todo: 'It retries automatically. What happens in a LIVE meanwhile isn’t recorded. If this continues, check TIKTOK_SIGN_API_URL.',
  },
  rate_limited: {
    text: 'Too many requests. The service limits how often it can be asked.',
    todo: 'It retries when the limit allows.',
  },
  payment_required: {
    text: 'The sign server requires a paid plan.',
    todo: 'Set TIKTOK_SIGN_API_KEY to the key of a plan that includes this feature.',
  },
  connect_budget: {
    text: 'The connection dropped too often, so no more attempts are made this hour.',
    todo: 'Wait, or raise TIKTOK_CONNECTS_PER_HOUR if your plan allows it. What happens in the LIVE meanwhile isn’t recorded.',
  },
  connection_lost: {
    text: 'The connection was lost.',
    todo: 'It reconnects automatically. The chart shows a gap for the time in between.',
  },
  unreadable: {
    text: 'Incoming messages can’t be read.',
    todo: 'Check the dead letters. If most messages are there, their format has changed.',
  },
  api_unavailable: {
    text: 'The API isn’t responding.',
    todo: 'It retries automatically.',
  },
  api_refused: {
    text: 'The API refuses the requests.',
    todo: 'Check that the app may read this shop’s orders, returns and products.',
  },
  reconnect: {
    text: 'The authorization expired or was revoked.',
    todo: 'Choose Reconnect and enter new credentials.',
  },
  update_missing: {
    text: 'Orders are edited, but their changes don’t arrive.',
    todo: 'Subscribe this source’s address to the topic Order update (orders/updated) as well.',
  },
  bad_signature: {
    text: 'Deliveries arrive with an invalid signature.',
    todo: 'Check the secret. If it’s correct, someone else knows this source’s address.',
  },
  unknown_shop: {
    text: 'Deliveries arrive for a shop that isn’t connected.',
    todo: 'Connect that shop too, or remove its webhooks to this address.',
  },
  secrets_lost: {
    text: 'Its secrets were encrypted with a different SECRET_KEY.',
    todo: 'Restart with the original key, or choose Reconnect and enter the secrets again.',
  },
  inbox_full: {
    text: 'Too many deliveries are waiting.',
    todo: 'Find out why they aren’t processed: the details below and the server’s log say more.',
  },
  internal: {
    text: 'Something failed on this server.',
    todo: 'It retries automatically. The server’s log has the details.',
  },
} as const satisfies Readonly<Record<string, ProblemWords>>

export type SourceProblem = keyof typeof sourceProblems

/** What the same problem means for one kind of source alone. */
const ofKind: Readonly<
  Partial<Record<SourceKindId, Partial<Record<SourceProblem, ProblemWords>>>>
> = {
  tiktok_live: {
    unknown_account: {
      text: 'TikTok doesn’t know this handle.',
      todo: 'Check the spelling, remove this source, and add it again.',
    },
    api_unavailable: {
      text: 'TikTok can’t be reached.',
      todo: 'It retries automatically. What happens in a LIVE meanwhile isn’t recorded. If this continues, check this server’s internet connection.',
    },
    rate_limited: {
      text: 'The sign server’s rate limit is reached.',
      todo: 'It retries when the limit allows. What happens in a LIVE meanwhile isn’t recorded. Your own key (TIKTOK_SIGN_API_KEY) raises the limit.',
    },
  },
  tiktok_shop: {
    unknown_account: {
      text: 'TikTok Shop doesn’t know this account.',
      todo: 'Check the shop id, and that the seller authorized this app.',
    },
    api_unavailable: {
      text: 'TikTok Shop can’t be reached.',
      todo: 'It retries automatically, and then fetches the orders it missed.',
    },
    rate_limited: {
      text: 'TikTok Shop’s rate limit is reached.',
      todo: 'It retries when the limit allows, and then fetches the orders it missed.',
    },
    connection_lost: {
      text: 'The connection to TikTok Shop was lost.',
      todo: 'It retries automatically, and then fetches the orders it missed.',
    },
  },
}

/** What is wrong with a source of this kind; undefined for a problem that only a newer server knows. */
export function problemWords(kind: SourceKindId, problem: SourceProblem): ProblemWords | undefined {
  return ofKind[kind]?.[problem] ?? sourceProblems[problem]
}

/** Where a dead letter can come from; `inside` is an event that this server could not store. */
export const letterSources = ['inside', ...sourceKindIds] as const
export type LetterSource = (typeof letterSources)[number]

/** The kinds of sources that a metric depends on, through the events that feed it. */
export function sourcesOfMetric(id: MetricId): readonly SourceKindId[] {
  const types = new Set(
    basesOf(id).flatMap((base) => Object.keys((metrics[base] as BaseMetric).from)),
  )
  return sourceKindIds.filter((kind) => sourceKinds[kind].brings.some((type) => types.has(type)))
}
