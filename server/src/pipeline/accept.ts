import { hash } from 'node:crypto'
import type { EventType } from '@creatorflow/shared/event-types'
import { parseEvent, type Reject } from '@creatorflow/shared/events'
import { mayDo } from '../core/rights/authorize.ts'
import type { Principal } from '../core/rights/principal.ts'
import type { AcceptedEvent } from '../eventlog/accepted-event.ts'

export type Accepted =
  | { readonly ok: true; readonly event: AcceptedEvent }
  | { readonly ok: false; readonly reject: Reject }

/**
 * Checks one value of a body: its schema, its creator, and whether the caller may write there. The write,
 * which reads the creator anyway, says whether it exists.
 */
export function accept(
  value: unknown,
  principal: Principal,
  receivedAt: number,
  suggest?: (type: string) => EventType | undefined,
): Accepted {
  const parsed = parseEvent(value, suggest)
  if (!parsed.ok) return parsed
  const { event } = parsed
  const creator_id =
    event.creator_id ?? (principal.kind === 'key' ? (principal.creatorId ?? undefined) : undefined)
  if (creator_id === undefined) {
    return rejected(
      'creator_required',
      'creator_id is missing, and this key is not for one creator',
    )
  }
  if (!mayDo(principal, 'ingest:write', creator_id)) {
    return rejected('creator_forbidden', `this key can’t write events of "${creator_id}"`)
  }
  return { ok: true, event: acceptedEvent(creator_id, event, value, receivedAt) }
}

/** An event with its fingerprints; `content` is the event as sent, before any default. */
export function acceptedEvent(
  creator_id: string,
  incoming: AcceptedEvent['incoming'],
  content: unknown,
  receivedAt: number,
): AcceptedEvent {
  const { id, revision } = incoming
  const id_hash = fingerprint(`${creator_id}\n${id}`)
  return {
    creator_id,
    incoming,
    id_hash,
    // No id has a NUL. The job that deletes ids computes the same from dropped events.
    revision_hash: revision ? fingerprint(`${creator_id}\n${id}\0${revision}`) : id_hash,
    content_hash: fingerprint(canonical(revision === 0 ? withoutRevision(content) : content)),
    received_at: receivedAt,
  }
}

/** Revision 0 is the same whether it is written or not. */
function withoutRevision(content: unknown): unknown {
  const { revision: _, ...rest } = content as Record<string, unknown>
  return rest
}

function rejected(code: Reject['code'], message: string): Accepted {
  return { ok: false, reject: { code, message } }
}

/** The first 16 bytes of SHA-256, in hex: short enough to index, long enough never to collide. */
function fingerprint(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32)
}

/** Much like JSON, with sorted keys, so equal content has the same hash, whoever wrote it. */
function canonical(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  let text = ''
  for (const key of Object.keys(value).sort()) {
    text += `${quoted(key)}:${canonical((value as Record<string, unknown>)[key])},`
  }
  return `{${text}}`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes them.
const escaped = /["\\\u0000-\u001f\ud800-\udfff]/

/** A text as JSON. Most need no escape, and checking is much cheaper than writing. */
function quoted(text: string): string {
  return escaped.test(text) ? JSON.stringify(text) : `"${text}"`
}
