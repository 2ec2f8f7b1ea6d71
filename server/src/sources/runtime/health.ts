import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { every } from '../../core/every.ts'
import type { Log } from '../../core/log.ts'
import { storable } from '../../dead-letters/dead-letters.ts'
import { plainWords } from './plain-words.ts'
import type { Report } from './source.ts'

/** Health reports of a connection's holder, collected and written at most each second. */
export interface Health extends AsyncDisposable {
  report(report: Report): void
  received(messages: number, at: number): void
  unknown(name: string): void
  /** Events stored, with the greatest of their times, epoch ms. */
  stored(events: number, newestTs: number | undefined, at: number): void
  setAside(letters: number): void
}

const FLUSH_MS = 1_000
/** A sign of life comes this often, even without news. */
const ALIVE_MS = 10_000
/** Messages per second are averaged over this long. */
const RATE_WINDOW_MS = 10_000
const DETAIL_CHARACTERS = 500
const NAME_CHARACTERS = 100
/** Message names counted separately; further ones count as `other`. */
const UNKNOWN_NAMES = 100

interface Counts {
  messages: number
  events: number
  setAside: number
  readonly unknown: Map<string, number>
  lastMessageAt?: number
  lastEventAt?: number
  lagMs?: number
}

const none = (): Counts => ({ messages: 0, events: 0, setAside: 0, unknown: new Map() })

/** Reports on one version of a connection: reports of an older one are no longer written. */
export function createHealth(
  database: Queryable,
  sourceId: string,
  version: number,
  log: Log,
): Health {
  let counts = none()
  let report: Report = { state: 'starting' }
  let isDirty = true
  let writtenAt = 0
  let recent: { readonly second: number; messages: number }[] = []

  async function write(): Promise<void> {
    const now = Date.now()
    const isQuiet = !isDirty && recent.length === 0
    if (isQuiet && now - writtenAt < ALIVE_MS) return
    recent = recent.filter(({ second }) => now - second * 1_000 < RATE_WINDOW_MS)
    const rate = recent.reduce((sum, { messages }) => sum + messages, 0) / (RATE_WINDOW_MS / 1_000)
    const told = counts
    const { state, problem = null, detail, retryAt } = report
    counts = none()
    isDirty = false
    try {
      await database.query(sql`
        update sources s set
          state_since = case when state = ${state} then state_since else clock_timestamp() end,
          state = ${state},
          problem_at = case when ${problem}::text is null then null
            when problem = ${problem} then problem_at else clock_timestamp() end,
          problem = ${problem},
          problem_detail = ${detail === undefined ? null : storable(plainWords(detail), DETAIL_CHARACTERS)},
          retry_at = ${iso(retryAt)}::timestamptz,
          messages = messages + ${told.messages}::bigint,
          messages_per_s = ${rate}::float8,
          events = events + ${told.events}::bigint,
          set_aside = set_aside + ${told.setAside}::bigint,
          unknown = ${withCounted(told.unknown)},
          last_message_at = greatest(last_message_at, ${iso(told.lastMessageAt)}::timestamptz),
          last_event_at = greatest(last_event_at, ${iso(told.lastEventAt)}::timestamptz),
          lag_ms = coalesce(${told.lagMs ?? null}::bigint, lag_ms),
          seen_at = clock_timestamp()
        where id = ${sourceId}::uuid and version = ${version}::int`)
      writtenAt = now
    } catch (error) {
      // Counted again with the next one.
      counts = added(told, counts)
      isDirty = true
      log.warn({ err: error }, 'failed to write source status')
    }
  }

  const writing = every({ intervalMs: FLUSH_MS, atOnce: true, failed: () => {} }, write)
  return {
    report(next) {
      const isNews = next.state !== report.state || next.problem !== report.problem
      report = next
      isDirty = true
      if (isNews) writing.soon()
    },
    received(messages, at) {
      counts.messages += messages
      counts.lastMessageAt = at
      const second = Math.floor(at / 1_000)
      const last = recent.at(-1)
      if (last?.second === second) last.messages += messages
      else recent.push({ second, messages })
      isDirty = true
    },
    unknown(name) {
      const key = storable(name, NAME_CHARACTERS)
      const isOwn = counts.unknown.has(key) || counts.unknown.size < UNKNOWN_NAMES
      addTo(counts.unknown, isOwn ? key : 'other', 1)
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
      await writing[Symbol.asyncDispose]()
      recent = []
      isDirty = true
      await write()
    },
  }
}

/** The stored counts plus new ones: a new name gets its own only while there is room. */
function withCounted(further: ReadonlyMap<string, number>) {
  const names = [...further.keys()]
  return sql`(
    select coalesce(jsonb_object_agg(name, n), '{}') from (
      select name, sum(n)::bigint as n from (
        select key as name, value::bigint as n from jsonb_each_text(s.unknown)
        union all
        select case when s.unknown ? name or row_number() over (partition by s.unknown ? name order by name)
            <= ${UNKNOWN_NAMES}::int - (select count(*) from jsonb_object_keys(s.unknown))
          then name else 'other' end, n
        from unnest(${names}::text[], ${[...further.values()]}::bigint[]) as t (name, n)
      ) parts group by name
    ) whole
  )`
}

function added(a: Counts, b: Counts): Counts {
  const unknown = new Map(a.unknown)
  for (const [name, n] of b.unknown) addTo(unknown, name, n)
  return {
    ...a,
    ...b,
    messages: a.messages + b.messages,
    events: a.events + b.events,
    setAside: a.setAside + b.setAside,
    unknown,
  }
}

function addTo(counts: Map<string, number>, name: string, n: number): void {
  counts.set(name, (counts.get(name) ?? 0) + n)
}

function iso(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}
