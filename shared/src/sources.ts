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

/** How a connection does, and what that means for whoever looks at it. */
export const sourceStates = {
  off: { name: 'Off', text: 'Somebody turned it off.', good: true },
  starting: { name: 'Starting', text: 'It has not been asked yet.', good: true },
  waiting: {
    name: 'Waiting',
    text: 'All is well, and there is nothing to receive now.',
    good: true,
  },
  receiving: {
    name: 'Receiving',
    text: 'It is connected, and what it sends comes in.',
    good: true,
  },
  paused: { name: 'Paused', text: 'The host paused the LIVE.', good: true },
  retrying: {
    name: 'Trying again',
    text: 'It was lost, and is tried again by itself.',
    good: false,
  },
  needs_you: { name: 'Needs you', text: 'It cannot go on without somebody.', good: false },
} as const satisfies Readonly<
  Record<string, { readonly name: string; readonly text: string; readonly good: boolean }>
>

export type SourceState = keyof typeof sourceStates

/** What can be wrong with a connection: in words, and what somebody may do about it. */
export const sourceProblems = {
  unknown_account: {
    text: 'There is no such account over there.',
    todo: 'Check how it is written, remove this source, and add it again.',
  },
  sign_server: {
    text: 'The sign server, without which TikTok lets nobody in, does not answer as it should.',
    todo: 'Nothing, if it passes. If it stays, look at TIKTOK_SIGN_API_URL.',
  },
  rate_limited: {
    text: 'We asked more often than the other side allows.',
    todo: 'Wait: it is tried again when that is allowed. A key of your own (TIKTOK_SIGN_API_KEY) allows more.',
  },
  payment_required: {
    text: 'The sign server asks for a paid plan.',
    todo: 'Set TIKTOK_SIGN_API_KEY to the key of a plan that has this feature.',
  },
  connect_budget: {
    text: 'It was lost so often that no further connection is tried within this hour.',
    todo: 'Wait, or raise TIKTOK_CONNECTS_PER_HOUR if your plan allows more.',
  },
  connection_lost: {
    text: 'The connection was lost.',
    todo: 'Nothing: it is tried again.',
  },
  unreadable: {
    text: 'What comes in cannot be read.',
    todo: 'Look at the dead letters. If most of it is there, the other side has changed its format.',
  },
  api_unavailable: {
    text: 'The API does not answer.',
    todo: 'Nothing: it is tried again, and nothing is lost meanwhile.',
  },
  api_refused: {
    text: 'The API refuses what we ask.',
    todo: 'Check that the app may read orders, returns and products of this shop.',
  },
  reconnect: {
    text: 'The permission has run out or was withdrawn.',
    todo: 'Give it a new one: open the source and choose Reconnect.',
  },
  update_missing: {
    text: 'Orders are edited, but what was added to them does not come in.',
    todo: 'Subscribe this source’s address to the topic Order update (orders/updated) too.',
  },
  bad_signature: {
    text: 'Deliveries came with a signature that does not fit.',
    todo: 'Check the app secret. If it is right, somebody else knows the address of this source.',
  },
  unknown_shop: {
    text: 'Deliveries came for a shop that is not connected.',
    todo: 'Connect that shop too, or turn its deliveries off over there.',
  },
  secrets_lost: {
    text: 'Its secrets were sealed with another key.',
    todo: 'Start with the SECRET_KEY of then, or enter the secrets again.',
  },
  inbox_full: {
    text: 'More deliveries wait than may be kept.',
    todo: 'Find out why they are not worked off: the last error says more.',
  },
  internal: {
    text: 'Something failed inside this server.',
    todo: 'Its log says what. It is tried again.',
  },
} as const satisfies Readonly<Record<string, { readonly text: string; readonly todo: string }>>

export type SourceProblem = keyof typeof sourceProblems

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
