import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Log } from '../log.ts'
import type { Report } from './source.ts'

/** What the holder of a connection tells of it, collected and written at most each second. */
export interface Health extends AsyncDisposable {
  report(report: Report): void
  received(messages: number, at: number): void
  unknown(name: string): void
  /** Events that were stored, with the greatest of their times, epoch ms. */
  stored(events: number, newestTs: number | undefined, at: number): void
  setAside(letters: number): void
}

const FLUSH_MS = 1_000
/** Messages a second are those of this long a time. */
const RATE_WINDOW_MS = 10_000
const DETAIL_CHARACTERS = 500
/** Names of messages that are counted one by one; further ones are counted as `other`. */
const UNKNOWN_NAMES = 100

interface Counts {
  messages: number
  events: number
  setAside: number
  unknown: Record<string, number>
  lastMessageAt?: number
  lastEventAt?: number
  lagMs?: number
}

const none = (): Counts => ({ messages: 0, events: 0, setAside: 0, unknown: {} })

/** `written` is told of each change that others should see. */
export function createHealth(
  database: Queryable,
  sourceId: string,
  version: number,
  log: Log,
): Health {
  let counts = none()
  let report: Report = { state: 'starting' }
  let isDirty = true
  let recent: { at: number; messages: number }[] = []
  let writing: Promise<void> = Promise.resolve()

  async function write(): Promise<void> {
    if (!isDirty && recent.length === 0) return
    const now = Date.now()
    recent = recent.filter(({ at }) => now - at < RATE_WINDOW_MS)
    const rate = recent.reduce((sum, { messages }) => sum + messages, 0) / (RATE_WINDOW_MS / 1_000)
    const told = counts
    const { state, problem = null, detail, retryAt } = report
    counts = none()
    isDirty = false
    try {
      // Of another version somebody else tells.
      await database.query(sql`
        update sources s set
          state_since = case when state = ${state} then state_since else clock_timestamp() end,
          state = ${state},
          problem_at = case when ${problem}::text is null then null
            when problem = ${problem} then problem_at else clock_timestamp() end,
          problem = ${problem},
          problem_detail = ${detail?.slice(0, DETAIL_CHARACTERS).toWellFormed().replaceAll('\0', '') ?? null},
          retry_at = ${iso(retryAt)}::timestamptz,
          messages = messages + ${told.messages}::bigint,
          messages_per_s = ${rate}::float8,
          events = events + ${told.events}::bigint,
          set_aside = set_aside + ${told.setAside}::bigint,
          unknown = (
            select coalesce(jsonb_object_agg(name, n), '{}') from (
              select name, sum(n)::bigint as n from (
                select key as name, value::bigint as n from jsonb_each_text(s.unknown)
                union all
                select case when s.unknown ? key or (select count(*) from jsonb_object_keys(s.unknown)) < ${UNKNOWN_NAMES}::int
                  then key else 'other' end, value::bigint
                from jsonb_each_text(${JSON.stringify(told.unknown)}::jsonb)
              ) parts group by name
            ) whole
          ),
          last_message_at = greatest(last_message_at, ${iso(told.lastMessageAt)}::timestamptz),
          last_event_at = greatest(last_event_at, ${iso(told.lastEventAt)}::timestamptz),
          lag_ms = coalesce(${told.lagMs ?? null}::bigint, lag_ms),
          seen_at = clock_timestamp()
        where id = ${sourceId}::uuid and version = ${version}::int`)
    } catch (error) {
      // Counted again with the next one.
      counts = added(told, counts)
      isDirty = true
      log.warn({ err: error }, 'how a source does could not be written')
    }
  }

  function flush(): Promise<void> {
    writing = writing.then(write)
    return writing
  }

  const timer = setInterval(() => void flush(), FLUSH_MS)
  void flush()
  return {
    report(next) {
      const isNews = next.state !== report.state || next.problem !== report.problem
      report = next
      isDirty = true
      if (isNews) void flush()
    },
    received(messages, at) {
      counts.messages += messages
      counts.lastMessageAt = at
      recent.push({ at, messages })
      isDirty = true
    },
    unknown(name) {
      const key = name.slice(0, 100).toWellFormed().replaceAll('\0', '')
      const known = Object.hasOwn(counts.unknown, key)
      const own = known || Object.keys(counts.unknown).length < UNKNOWN_NAMES ? key : 'other'
      counts.unknown[own] =
        (Object.hasOwn(counts.unknown, own) ? (counts.unknown[own] ?? 0) : 0) + 1
      isDirty = true
    },
    stored(events, newestTs, at) {
      counts.events += events
      if (newestTs !== undefined) {
        counts.lastEventAt = Math.max(newestTs, counts.lastEventAt ?? newestTs)
        counts.lagMs = Math.max(0, Math.round(at - newestTs))
      }
      isDirty = true
    },
    setAside(letters) {
      counts.setAside += letters
      isDirty = true
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      recent = []
      isDirty = true
      await flush()
    },
  }
}

function added(a: Counts, b: Counts): Counts {
  const unknown = { ...a.unknown }
  for (const [name, n] of Object.entries(b.unknown)) unknown[name] = (unknown[name] ?? 0) + n
  return {
    ...a,
    ...b,
    messages: a.messages + b.messages,
    events: a.events + b.events,
    setAside: a.setAside + b.setAside,
    unknown,
  }
}

function iso(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}
