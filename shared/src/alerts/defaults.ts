import type { InsightKind } from '../alert-reason.ts'
import type { NewRule } from './rule.ts'

/** A rule that every creator begins with. */
export interface DefaultRule {
  /** Stays the same whatever it is called. */
  readonly origin: string
  readonly rule: NewRule
}

/** Six alerts that a healthy LIVE does not raise. */
export const defaultAlerts: readonly DefaultRule[] = [
  {
    origin: 'nothing_arrives',
    rule: {
      name: 'No viewer counts arrive',
      words: 'Check the connection to TikTok on the sources page.',
      severity: 'critical',
      condition: { kind: 'no_data', metric: 'viewers_now', minutes: 3 },
      for_seconds: 0,
      keep_firing_seconds: 0,
      cooldown_seconds: 120,
    },
  },
  {
    origin: 'source_down',
    rule: {
      name: 'A source is disconnected',
      words: 'Open the sources page to see what to do.',
      severity: 'critical',
      condition: { kind: 'source_down' },
      for_seconds: 120,
      keep_firing_seconds: 30,
    },
  },
  {
    origin: 'oversold',
    rule: {
      name: 'More sold than in stock',
      words: 'Unpin the product and check the stock in your shop.',
      severity: 'critical',
      condition: { kind: 'oversold', product_id: null },
      for_seconds: 60,
    },
  },
  {
    origin: 'orders_stop',
    rule: {
      name: 'Orders stop',
      words: 'Check that products can be bought, then make an offer.',
      severity: 'warning',
      condition: { kind: 'no_data', metric: 'main_orders', minutes: 15 },
      for_seconds: 0,
      keep_firing_seconds: 0,
      cooldown_seconds: 900,
    },
  },
  {
    origin: 'viewers_leave',
    rule: {
      name: 'Viewers leave',
      words: 'Change the topic, start an offer or a giveaway.',
      severity: 'warning',
      condition: {
        kind: 'change',
        metric: 'average_viewers',
        subject: { of: 'live' },
        window_minutes: 5,
        percent: -40,
        recovers_percent: -20,
      },
      for_seconds: 60,
      minimum_sample: 20,
      cooldown_seconds: 600,
    },
  },
  {
    origin: 'no_clicks',
    rule: {
      name: 'Nobody clicks the pinned product',
      words: 'Explain where to tap, or pin another product.',
      severity: 'info',
      condition: { kind: 'pin_without_click', minutes: 5 },
      for_seconds: 0,
      keep_firing_seconds: 0,
    },
  },
]

const insightNames: Readonly<Record<InsightKind, string>> = {
  first_order: 'First order',
  orders: 'Round number of orders',
  goal_reached: 'Goal reached',
  record_minute: 'Record minute',
  record_viewers: 'Most viewers ever',
  viewer_surge: 'Viewers surge',
  best_product: 'Best product so far',
  top_gifter: 'New top gifter',
  sell_out: 'A product sold out',
}

const defaultInsights = (Object.entries(insightNames) as [InsightKind, string][]).map(
  ([insight, name]): DefaultRule => ({
    origin: `insight_${insight}`,
    rule: { name, severity: 'info', condition: { kind: 'insight', insight } },
  }),
)

/** What a creator begins with. */
export const defaultRules: readonly DefaultRule[] = [...defaultAlerts, ...defaultInsights]
