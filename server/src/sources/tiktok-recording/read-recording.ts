import { hash } from 'node:crypto'
import { linesOf } from '../../core/text/lines.ts'
import { openText } from '../../core/text/text.ts'
import {
  createOffsetFinder,
  normalise,
  type RecordedEvent,
  type RecordedMessage,
} from './normalise.ts'
import { createRoomTally, type RoomSummary } from './summarise.ts'

export interface Recording {
  /** How far the recorder's local times are ahead of UTC; undefined if the file does not say. */
  readonly offsetMs: number | undefined
  /** Messages that became no event, by reason; complete once `events` has been read. */
  readonly skipped: ReadonlyMap<string, number>
  /** Bytes read so far by `events`. */
  readonly bytesRead: number
  /** The totals of each room, and the messages without one; complete once `events` has been read. */
  rooms(): { readonly rooms: readonly RoomSummary[]; readonly without_room: RoomSummary | null }
  /** In file order, except ids with several contents, which come last. */
  events(): AsyncGenerator<RecordedEvent>
}

/**
 * Opens a recording, one JSON object per line. The file is read twice, first for the recorder's offset and
 * for ids with several contents; it is never held whole. Rejects if it cannot be read.
 */
export async function openRecording(path: string): Promise<Recording> {
  const file = await openText(path)
  const offset = createOffsetFinder()
  const contents = new Map<string, number>()
  const contested = new Set<string>()
  for await (const { text } of linesOf(file)) {
    const message = messageOf(text)
    if (!message) continue
    offset.add(message)
    const result = normalise(message, 0)
    if (result.kind === 'skipped') continue
    const { id } = result.event
    const content = shortHash(JSON.stringify(result.event))
    const before = contents.get(id)
    if (before === undefined) contents.set(id, content)
    else if (before !== content) contested.add(id)
  }
  contents.clear()
  const offsetMs = offset.offsetMs()
  const skipped = new Map<string, number>()
  const skip = (reason: string) => skipped.set(reason, (skipped.get(reason) ?? 0) + 1)
  let rooms = createRoomTally()
  let bytesRead = 0
  return {
    offsetMs,
    skipped,
    get bytesRead() {
      return bytesRead
    },
    rooms: () => rooms.summary(),
    async *events() {
      skipped.clear()
      rooms = createRoomTally()
      const undecided = new Map<string, RecordedEvent[]>()
      for await (const { text, end } of linesOf(file)) {
        bytesRead = end
        const message = messageOf(text)
        if (!message) {
          skip('a line is not a JSON object')
          continue
        }
        rooms.message(message)
        const result = normalise(message, offsetMs ?? 0)
        if (result.kind === 'skipped') {
          skip(result.reason)
          continue
        }
        const { event } = result
        if (contested.has(event.id)) {
          const others = undecided.get(event.id)
          if (others) others.push(event)
          else undecided.set(event.id, [event])
          continue
        }
        rooms.event(event)
        yield event
      }
      for (const events of undecided.values()) {
        for (const event of decide(events)) {
          rooms.event(event)
          yield event
        }
      }
    },
  }
}

/**
 * One event for each room in which an id occurs: the one with the greatest total, whatever their order. An id
 * counts once per creator, so in a second room it needs its own name.
 */
export function decide(events: readonly RecordedEvent[]): RecordedEvent[] {
  const byRoom = Map.groupBy(events, ({ session_id = '' }) => session_id)
  return [...byRoom]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([room, ofRoom], n) => {
      const best = ofRoom.reduce((a, b) => (saysMore(b, a) ? b : a))
      return n === 0 ? best : { ...best, id: `${best.id}@${room || 'no-room'}` }
    })
}

/** Totals only grow, so the greater one is later; then the earlier time, then any fixed order. */
function saysMore(a: RecordedEvent, b: RecordedEvent): boolean {
  const order = totalOf(a) - totalOf(b) || (a.quantity ?? 0) - (b.quantity ?? 0) || b.ts - a.ts
  return order === 0 ? JSON.stringify(a) < JSON.stringify(b) : order > 0
}

const totalOf = ({ properties }: RecordedEvent): number => Number(properties?.total ?? 0)

/** 52 bits, which a number holds: enough to distinguish the few contents of one id, in little memory. */
const shortHash = (text: string): number => Number.parseInt(hash('sha1', text).slice(0, 13), 16)

/** An id past 2^53 that was written as a number would be rounded to its neighbors'. */
const longNumber = /[:[,]\s*\d{16}/

function messageOf(line: string): RecordedMessage | undefined {
  try {
    const value: unknown = longNumber.test(line) ? JSON.parse(line, keepLong) : JSON.parse(line)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as RecordedMessage) : undefined
  } catch {
    // Recordings break off mid-line; the caller counts the line.
    return undefined
  }
}

function keepLong(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const isLong =
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
  return isLong ? (context?.source ?? value) : value
}
