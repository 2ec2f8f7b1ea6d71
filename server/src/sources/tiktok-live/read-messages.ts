import type { SourcedEvent } from '../runtime/source.ts'
import type { RawMessage, Room } from './connector.ts'
import { rawOf } from './letter.ts'
import { type LiveEvent, type Normalised, normalise } from './normalise.ts'

/** The meaning of messages that came together. */
export interface ReadMessages {
  readonly events: readonly (SourcedEvent & { readonly event: LiveEvent })[]
  /** Unknown ones, each with its name. */
  readonly unknown: readonly { readonly message: RawMessage; readonly name: string }[]
  /** Whether any of them was understood, or there was none. */
  readonly isReadable: boolean
}

/** Reads messages of a room that arrived at that time. */
export function readMessages(
  messages: readonly RawMessage[],
  { id: room, hostId }: Room,
  at: number,
): ReadMessages {
  const events: (SourcedEvent & { readonly event: LiveEvent })[] = []
  const unknown: { readonly message: RawMessage; readonly name: string }[] = []
  for (const message of messages) {
    const result = carefully(message, room, at, hostId)
    if (result.kind === 'unknown') unknown.push({ message, name: result.name })
    if (result.kind !== 'event') continue
    const { event } = result
    events.push({ event, raw: rawOf(message, room, at), key: event.id, topic: message.type })
  }
  const isReadable = messages.length === 0 || unknown.length < messages.length
  return { events, unknown, isReadable }
}

/** A message that breaks its reader is an unknown one. */
function carefully(
  message: RawMessage,
  room: string,
  at: number,
  hostId: string | undefined,
): Normalised {
  try {
    return normalise(message, room, at, hostId)
  } catch (error) {
    return { kind: 'unknown', name: error instanceof Error ? error.name : 'unreadable' }
  }
}
