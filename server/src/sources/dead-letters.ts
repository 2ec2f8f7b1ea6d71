import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Telemetry } from '../telemetry.ts'
import type { SourceRow, Undeliverable } from './source.ts'

/** What sources sent and we could not understand. */
export interface DeadLetters {
  /** Keeps a message as it came; the same one again is the same letter. */
  setAside(source: SourceRow, letter: Undeliverable): Promise<void>
}

const REASON_CHARACTERS = 1_000
const KEY_CHARACTERS = 300

export function createDeadLetters({
  database,
  telemetry,
}: {
  readonly database: Database
  readonly telemetry: Telemetry
}): DeadLetters {
  return {
    async setAside(source, { raw, reason, topic, key }) {
      telemetry.count('dead_letters_total', {})
      await database.query(sql`
        insert into dead_letters (creator_id, source, source_id, topic, key, reason, raw)
        values (${source.creator_id}, ${source.kind}, ${source.id}::uuid, ${storable(topic, 200)},
          ${storable(key, KEY_CHARACTERS)}, ${storable(reason, REASON_CHARACTERS)}, ${bytesOf(raw)})
        on conflict (source_id, key) do update set reason = excluded.reason, raw = excluded.raw`)
    },
  }
}

function bytesOf(raw: unknown): Uint8Array {
  if (raw instanceof Uint8Array) return raw
  return Buffer.from(typeof raw === 'string' ? raw : JSON.stringify(raw))
}

function storable(text: string, most: number): string {
  return text.slice(0, most).toWellFormed().replaceAll('\0', '')
}
