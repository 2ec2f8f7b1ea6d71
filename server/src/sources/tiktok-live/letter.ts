import { hash } from 'node:crypto'
import { z } from 'zod'
import type { Undeliverable } from '../../dead-letters/dead-letters.ts'
import type { SourcedEvent } from '../runtime/source.ts'
import type { RawMessage } from './connector.ts'
import { normalise } from './normalise.ts'

/** A message kept as a dead letter: enough to retry it after a fix. */
const letter = z.object({
  type: z.string(),
  id: z.string().exactOptional(),
  room: z.string(),
  arrivedAt: z.number(),
  data: z.unknown().optional(),
  /** Base64, of what could not be decoded. */
  bytes: z.string().exactOptional(),
})

/** What to keep of a message besides its event. */
export function rawOf(message: RawMessage, room: string, arrivedAt: number) {
  const { type, id, data, bytes } = message
  const undecoded = data === undefined && bytes ? Buffer.from(bytes).toString('base64') : undefined
  return {
    type,
    ...(id !== undefined && { id }),
    room,
    arrivedAt,
    data,
    ...(undecoded !== undefined && { bytes: undecoded }),
  }
}

export function letterOf(
  message: RawMessage,
  room: string,
  arrivedAt: number,
  reason: string,
): Undeliverable {
  const raw = rawOf(message, room, arrivedAt)
  const key = message.id ?? hash('sha256', JSON.stringify([raw.type, raw.data, raw.bytes]), 'hex')
  return { raw, reason, topic: message.type, key: `${room}:${key}` }
}

/** The events of a dead letter; throws the reason if it is still not understood. */
export function eventsOfLetter(raw: Uint8Array): readonly SourcedEvent[] {
  const { type, id, room, arrivedAt, data } = letter.parse(JSON.parse(Buffer.from(raw).toString()))
  const result = normalise({ type, ...(id !== undefined && { id }), data }, room, arrivedAt)
  if (result.kind === 'unknown') throw new Error(`still unknown: ${result.name}`)
  if (result.kind === 'ignored') return []
  return [{ event: result.event, raw: JSON.parse(Buffer.from(raw).toString()), topic: type }]
}
