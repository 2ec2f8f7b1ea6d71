import type { Excluded } from '@creatorflow/shared/live-state'

/** What was left out of the sums, in words: `3 orders in EUR not included`. */
export function excludedNotes(excluded: Readonly<Record<string, Excluded>>): string[] {
  return Object.entries(excluded).flatMap(([currency, { orders, entries }]) => {
    const what = [
      ...(orders > 0 ? [`${orders} ${orders === 1 ? 'order' : 'orders'}`] : []),
      ...(entries > 0 ? [`${entries} other ${entries === 1 ? 'amount' : 'amounts'}`] : []),
    ]
    const where = currency === 'other' ? 'other currencies' : currency
    return what.length > 0 ? [`${what.join(' and ')} in ${where} not included`] : []
  })
}
