import type { NumberedEvent } from '../numbered-event.ts'
import { localDay } from '../present.ts'
import type { SimulatedEvent } from '../simulator/simulate-live.ts'

/**
 * Simulated events as the pipeline would number them, simply: running totals, orders and stock as they are, first sights
 * of people left out. For rules and courses, not for checking totals.
 */
export function numberedSimulation(
  events: readonly SimulatedEvent[],
  { currency, timeZone, from = 1 }: { currency: string; timeZone: string; from?: number },
): NumberedEvent[] {
  const totals = new Map<string, number>()
  const orders = new Set<string>()
  const stock = new Map<string, Map<string, number>>()
  const startedAt = events[0]?.ts ?? 0

  function growth(key: string, total: number): number {
    const before = totals.get(key) ?? 0
    totals.set(key, Math.max(before, total))
    return Math.max(0, total - before)
  }
  function first(key: string): number {
    if (orders.has(key)) return 0
    orders.add(key)
    return 1
  }

  function increments(event: SimulatedEvent): Partial<NumberedEvent> {
    const { type, quantity = 1, amount = 0, properties = {}, product_id = '' } = event
    if (event.currency !== undefined && event.currency !== currency) return { excluded: 1 }
    switch (type) {
      case 'viewer_count':
        return { units: quantity, level: quantity }
      case 'stock_level': {
        const levels = stock.get(product_id) ?? new Map<string, number>()
        stock.set(product_id, levels)
        levels.set(event.sku_id ?? '', quantity)
        return { level: [...levels.values()].reduce((a, b) => a + b, 0) }
      }
      case 'payment_completed':
        return {
          units: quantity,
          money: amount,
          main_order: first(`order ${event.order_id ?? event.id}`),
          sku_order: first(`sku ${event.order_id ?? event.id} ${event.sku_id ?? product_id}`),
        }
      case 'gift': {
        const key = `gift ${event.user_id} ${properties.gift_id} ${properties.streak_id}`
        const units = properties.streak_id === undefined ? quantity : growth(key, quantity)
        return { units, diamonds: units * Number(properties.diamond_count ?? 0) }
      }
      default:
        return typeof properties.total === 'number'
          ? { units: growth(type, properties.total) }
          : { units: quantity, money: amount }
    }
  }

  return events.map((event, index) => {
    const { id, ts, type, session_id, product_id, pin_id, user_id, quantity, properties } = event
    const label = properties?.product_name ?? properties?.title
    return {
      seq: from + index,
      id,
      ts,
      type,
      session_id,
      day: localDay(ts, timeZone),
      live_started_at: startedAt,
      attribution: 'session',
      ...(index === 0 && { opens_live: 1 }),
      ...(product_id !== undefined && { product_id }),
      ...(pin_id !== undefined && { pin_id }),
      ...(user_id !== undefined && { user_id }),
      ...(quantity !== undefined && { quantity }),
      ...(typeof label === 'string' && { label }),
      ...increments(event),
    }
  })
}
