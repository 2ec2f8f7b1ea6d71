import type { Database } from '@creatorflow/db/database'
import { type Sql, sql } from '@creatorflow/db/sql'
import { INSIDE } from '@creatorflow/shared/sources'
import type { Config } from '../core/config/config.ts'
import type { Telemetry } from '../core/telemetry.ts'

/** What could not be understood. */
export interface Undeliverable {
  readonly raw: unknown
  readonly reason: string
  readonly topic: string
  readonly key: string
}

/** The source that a message came from. */
export interface LetterSource {
  readonly id: string
  readonly creator_id: string
  readonly kind: string
}

/** Messages and events that could not be understood or stored, kept until someone replays or drops them. */
export interface DeadLetters {
  /** Keeps a source's message as received; a repeated one is the same letter. */
  setAside(source: LetterSource, letter: Undeliverable): Promise<void>
  /** Keeps an event that failed inside the server. */
  setEventAside(creatorId: string, event: { readonly id: string }, reason: string): Promise<void>
}

export interface DeadLettersDeps {
  readonly database: Database
  readonly config: Pick<Config, 'maxDeadLetters' | 'maxDeadLetterBytes'>
  readonly telemetry: Telemetry
}

const REASON_CHARACTERS = 1_000
const TOPIC_CHARACTERS = 200
const KEY_CHARACTERS = 300

export function createDeadLetters({ database, config, telemetry }: DeadLettersDeps): DeadLetters {
  /** Letters added per creator since they were last counted. */
  const added = new Map<string, { letters: number; bytes: number }>()

  /** Counting reads all letters, so it happens once per hundredth of the quota. */
  async function keepWithin(creatorId: string, bytes: number): Promise<void> {
    const since = added.get(creatorId) ?? { letters: config.maxDeadLetters, bytes: 0 }
    since.letters++
    since.bytes += bytes
    added.set(creatorId, since)
    const isDue =
      since.letters >= config.maxDeadLetters / 100 || since.bytes >= config.maxDeadLetterBytes / 100
    if (!isDue) return
    added.set(creatorId, { letters: 0, bytes: 0 })
    const lost = await loseExcess(database, creatorId, config)
    telemetry.count('dead_letters_lost_total', {}, lost)
  }

  return {
    async setAside(source, { raw, reason, topic, key }) {
      telemetry.count('dead_letters_total', { source: source.kind })
      const bytes = bytesOf(raw)
      await database.query(sql`
        insert into dead_letters (creator_id, source, source_id, topic, key, reason, raw)
        values (${source.creator_id}, ${source.kind}, ${source.id}::uuid, ${storable(topic, TOPIC_CHARACTERS)},
          ${storable(key, KEY_CHARACTERS)}, ${storable(reason, REASON_CHARACTERS)}, ${bytes})
        on conflict (source_id, key) do update
          set reason = excluded.reason, raw = excluded.raw, topic = excluded.topic, replayed_at = null`)
      await keepWithin(source.creator_id, bytes.length)
    },

    async setEventAside(creatorId, event, reason) {
      telemetry.count('dead_letters_total', { source: INSIDE })
      const text = JSON.stringify(event)
      await database.query(sql`
        insert into dead_letters (creator_id, key, reason, event)
        values (${creatorId}, ${storable(event.id, KEY_CHARACTERS)}, ${storable(reason, REASON_CHARACTERS)},
          ${text}::jsonb)
        on conflict (creator_id, key) where source = 'inside' do update
          set reason = excluded.reason, event = excluded.event, replayed_at = null`)
      await keepWithin(creatorId, text.length)
    },
  }
}

/** Bytes of a letter, for the quota. */
export const letterBytes: Sql = sql`(coalesce(octet_length(raw), 0) + coalesce(octet_length(event::text), 0))`

/** Deletes what exceeds the quota: replayed ones first, then the oldest. Returns how many. */
async function loseExcess(
  database: Database,
  creatorId: string,
  { maxDeadLetters, maxDeadLetterBytes }: DeadLettersDeps['config'],
): Promise<number> {
  const [row] = await database.query<{ lost: number }>(sql`
    with ranked as (
      select id, row_number() over w as letters, sum(${letterBytes}) over w as bytes
      from dead_letters where creator_id = ${creatorId}
      window w as (order by replayed_at is not null, id desc rows unbounded preceding)
    ), gone as (
      delete from dead_letters d using ranked r
      where d.id = r.id and (r.letters > ${maxDeadLetters}::bigint or r.bytes > ${maxDeadLetterBytes}::bigint)
      returning d.replayed_at is null as was_waiting
    ), counted as (
      select count(*)::bigint as lost from gone where was_waiting
    ), told as (
      insert into dead_letters_lost (creator_id, letters, at)
      select ${creatorId}, lost, clock_timestamp() from counted where lost > 0
      on conflict (creator_id) do update
        set letters = dead_letters_lost.letters + excluded.letters, at = excluded.at
    )
    select lost from counted`)
  return row?.lost ?? 0
}

/** Deletes letters older than this. */
export async function forgetLetters(database: Database, keptDays: number): Promise<void> {
  if (keptDays === 0) return
  await database.query(
    sql`delete from dead_letters where received_at < now() - make_interval(days => ${keptDays}::int)`,
  )
}

function bytesOf(raw: unknown): Uint8Array {
  if (raw instanceof Uint8Array) return raw
  return Buffer.from(typeof raw === 'string' ? raw : (JSON.stringify(raw) ?? ''))
}

/** A text in a form the database can hold. */
export function storable(text: string, most: number): string {
  return text.slice(0, most).toWellFormed().replaceAll('\0', '')
}
