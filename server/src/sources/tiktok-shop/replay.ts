import { eventsOfOrder } from '../orders/order-life.ts'
import type { SourcedEvent, SourceRow } from '../runtime/source.ts'
import { eventsOf } from './look.ts'
import { cancellation, returnRecord, reversalsOf } from './normalise.ts'
import { readJson } from './read-json.ts'
import { eventsOfNews, readNotice } from './webhook.ts'

/**
 * The events of a dead letter: an order, return or cancellation from the API, or a delivery. They have their
 * usual ids, so what has arrived another way since counts once. Throws the reason if it still cannot be
 * understood.
 */
export function replayLetter(
  source: SourceRow,
  { topic, raw }: { topic: string; raw: Uint8Array },
): readonly SourcedEvent[] {
  if (topic === 'order') {
    const read = eventsOf(readText(raw))
    if (!read.ok) throw new Error(read.reason)
    return read.events
  }
  if (topic === 'return') return ofRecord(returnRecord.parse(readText(raw)), 'returns')
  if (topic === 'cancellation') return ofRecord(cancellation.parse(readText(raw)), 'cancellations')
  const notice = readNotice(raw, source.account)
  const made = (events: readonly unknown[]) => events.map((event) => ({ event, raw, topic }))
  switch (notice.kind) {
    case 'stock':
      return made([notice.event])
    case 'orders':
      if (notice.news) return made(eventsOfNews(notice.news))
      throw new Error('The orders it names are fetched with the next check of the shop.')
    case 'unreadable':
      throw new Error(notice.reason)
    case 'foreign':
      throw new Error(`The message is for the shop ${notice.shopId}, which is not connected.`)
    case 'unknown':
      throw new Error(`Unknown message type ${notice.name}.`)
    default:
      throw new Error('It contains nothing to count. You can delete it.')
  }

  function ofRecord(record: object, kind: 'returns' | 'cancellations'): SourcedEvent[] {
    return eventsOfOrder(reversalsOf({ [kind]: [record] }))
      .filter(({ type }) => type === 'order_refunded' || type === 'order_returned')
      .map((event) => ({ event, raw, topic }))
  }
}

const readText = (raw: Uint8Array): unknown => readJson(Buffer.from(raw).toString())
