import type { Excluded } from '@creatorflow/shared/live-state'
import { m } from '#messages'

/** What was left out of the sums, in words: `3 orders in EUR not included`. */
export function excludedNotes(excluded: Readonly<Record<string, Excluded>>): string[] {
  return Object.entries(excluded).flatMap(([currency, { orders, entries }]) => {
    const what = [
      ...(orders > 0 ? [m.tiles_orders_orders({ orders })] : []),
      ...(entries > 0 ? [m.tiles_entries_other_amounts({ entries })] : []),
    ]
    const where = currency === 'other' ? m.tiles_other_currencies() : currency
    return what.length > 0
      ? [
          m.tiles_what_in_where_not_included({
            what:
              what.length > 1
                ? m.tiles_orders_and_amounts({ orders: what[0] ?? '', amounts: what[1] ?? '' })
                : (what[0] ?? ''),
            where,
          }),
        ]
      : []
  })
}
