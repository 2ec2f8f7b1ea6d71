import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Readiness, ReadinessPart } from '../core/readiness.ts'

const PROBE_TIMEOUT_MS = 1_500

/** Ready means that an event can be stored: by the database, and on its disk. */
export async function readinessOf(
  database: Pick<Database, 'edition' | 'query'>,
  bus: { readonly healthy: boolean },
  disk?: { readonly part: ReadinessPart },
  others: readonly (() => Promise<Readiness['parts']>)[] = [],
): Promise<Readiness> {
  const answer = await probe(database)
  const canStore = answer === 'writable' && (disk?.part.ok ?? true)
  const parts = answer === 'lost' ? [] : await Promise.all(others.map((read) => read()))
  return {
    ok: canStore,
    parts: {
      database: { ok: answer === 'writable', detail: details[answer] ?? database.edition },
      ...(disk && { disk: disk.part }),
      bus: {
        ok: bus.healthy,
        detail: bus.healthy
          ? 'connected'
          : 'Redis is unavailable; screens update from the database',
      },
      ...Object.assign({}, ...parts),
    },
  }
}

type Answer = 'writable' | 'read_only' | 'lost'

const details: Readonly<Partial<Record<Answer, string>>> = {
  read_only: 'is read-only; events are refused until it accepts writes',
  lost: 'does not respond; events are refused until it does',
}

async function probe(database: Pick<Database, 'query'>): Promise<Answer> {
  // A connection that swallows everything gives no error for half a minute.
  const late = new AbortController()
  try {
    return await Promise.race([
      // A standby is read-only too, whatever its settings.
      database
        .query<{ is_read_only: boolean }>(
          sql`select current_setting('transaction_read_only')::boolean as is_read_only`,
        )
        .then(
          ([row]): Answer => (row?.is_read_only === false ? 'writable' : 'read_only'),
          (): Answer => 'lost',
        ),
      delay<Answer>(PROBE_TIMEOUT_MS, 'lost', { signal: late.signal }),
    ])
  } finally {
    late.abort()
  }
}
