import { m } from '#messages'

/**
 * What the default rules say, in the language of the page. Whoever gives a rule a name or words of their own reads
 * those instead.
 */
const shown: Readonly<Record<string, () => string>> = {
  'No viewer counts arrive': m.alerts_default_nothing_arrives,
  'Check the connection to TikTok on the sources page.': m.alerts_default_nothing_arrives_words,
  'A source is disconnected': m.alerts_source_disconnected,
  'Open the sources page to see what to do.': m.alerts_default_source_down_words,
  'More sold than in stock': m.alerts_named_oversold,
  'Unpin the product and check the stock in your shop.': m.alerts_default_oversold_words,
  'Orders stop': m.alerts_default_orders_stop,
  'Check that products can be bought, then make an offer.': m.alerts_default_orders_stop_words,
  'Viewers leave': m.alerts_default_viewers_leave,
  'Change the topic, start an offer or a giveaway.': m.alerts_default_viewers_leave_words,
  'Nobody clicks the pinned product': m.alerts_named_no_click,
  'Explain where to tap, or pin another product.': m.alerts_default_no_clicks_words,
  'First order': m.alerts_default_first_order,
  'Round number of orders': m.alerts_default_orders,
  'Goal reached': m.alerts_default_goal,
  'Record minute': m.alerts_default_record_minute,
  'Most viewers ever': m.alerts_default_record_viewers,
  'Viewers surge': m.alerts_default_surge,
  'Best product so far': m.alerts_default_best_product,
  'New top gifter': m.alerts_default_gifter,
  'A product sold out': m.alerts_default_sell_out,
}

/** Whether it says what a default rule says. */
export const isDefault = (text: string): boolean => Object.hasOwn(shown, text)

/** The name or the words of a rule as the page shows them. */
export const shownName = (text: string): string =>
  isDefault(text) ? (shown[text]?.() ?? text) : text
