import type { TenantReads } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { emptyLive, foldLive } from '@creatorflow/shared/fold-live'
import type { LiveEntry } from '@creatorflow/shared/live-state'
import { LRUCache } from 'lru-cache'
import type { Config } from '../core/config/config.ts'
import { AppError } from '../core/errors.ts'
import { readFrozen } from './frozen-lives.ts'
import { afterDropped, type LogBase } from './log-base.ts'
import { headColumns, type LogHead, readLive } from './log-reader.ts'
import { whileKept } from './marks.ts'

/** LIVEs folded from their own events. Each fold is cached and continued with new events. */
export interface FoldedLives {
  /** A LIVE as the log has it now, a copy; undefined if unknown. */
  read(tenant: Tenant, sessionId: string): Promise<LiveEntry | undefined>
}

interface Folded {
  /** Which log was read. Another log is folded from its start. */
  readonly log: string
  readonly newest: LogBase['newest']
  entry: LiveEntry | undefined
  /** Every event up to this number is folded. */
  seq: number
  bytes: number
}

const ATTEMPTS = 3

/** Keeps folds within LIVE_CACHE_BYTES; the least recently used goes first. */
export function createFoldedLives(
  database: TenantReads,
  { liveCacheBytes }: Pick<Config, 'liveCacheBytes'>,
): FoldedLives {
  const kept = new LRUCache<string, Folded>({
    // With 0 nothing is cached: no LIVE is that small.
    maxSize: Math.max(1, liveCacheBytes),
    sizeCalculation: ({ bytes }) => bytes,
  })
  const running = new Map<string, Promise<LiveEntry | undefined>>()

  async function readOnce(key: string, tenant: Tenant, sessionId: string, keptSince: number) {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const head = await headOf(database, tenant)
      if (!head) return undefined
      const log = `${head.database_id} ${head.generation} ${keptSince}`
      let folded = kept.get(key)
      // Not cached while being continued: a fold aborted halfway must not be reused.
      kept.delete(key)
      if (folded?.log !== log || folded.seq > head.seq) {
        folded = { log, ...(await begin(database, tenant, sessionId, keptSince)) }
      }
      const hasNew = head.seq > folded.seq
      const foldedEvents = hasNew && (await continueFold(database, tenant, sessionId, folded, head))
      // Pages of two generations do not fit together.
      if (hasNew && (await headOf(database, tenant))?.generation !== head.generation) continue
      if (foldedEvents || folded.bytes === 0)
        folded.bytes = JSON.stringify(folded.entry ?? 0).length
      if (folded.entry) kept.set(key, folded)
      return structuredClone(folded.entry)
    }
    throw new AppError('unavailable', 'This creator’s events are being recounted.', {
      retryAfterMs: 1_000,
    })
  }

  return {
    async read(tenant, sessionId) {
      const key = `${tenant.creatorId}/${sessionId}`
      const before = running.get(key)
      // One at a time: callers meanwhile continue the same fold.
      const own = (async () => {
        await before?.catch(() => {})
        return whileKept(database, tenant, (since) => readOnce(key, tenant, sessionId, since))
      })()
      running.set(key, own)
      try {
        return await own
      } finally {
        if (running.get(key) === own) running.delete(key)
      }
    },
  }
}

/** The frozen part of a LIVE: the fold of its kept events starts from it. */
async function begin(
  database: TenantReads,
  tenant: Tenant,
  sessionId: string,
  keptSince: number,
): Promise<Omit<Folded, 'log'>> {
  const known = await database.readAs(tenant, (read) =>
    readFrozen(read, tenant, [sessionId], keptSince),
  )
  const frozen = known.get(sessionId)
  const lives = frozen ? { [sessionId]: frozen.seq } : {}
  return { newest: { lives, stock: {} }, entry: frozen?.entry, seq: 0, bytes: 0 }
}

/** Folds new events; returns whether there were any. */
async function continueFold(
  database: TenantReads,
  tenant: Tenant,
  sessionId: string,
  folded: Folded,
  head: LogHead,
): Promise<boolean> {
  const since = folded.seq
  for (let after = since; ; ) {
    const events = await readLive(database, tenant, sessionId, after)
    for (const event of events) {
      folded.entry ??= emptyLive(sessionId, event.live_started_at ?? event.ts)
      foldLive(folded.entry, afterDropped(event, folded.newest), untold)
    }
    const last = events.at(-1)
    if (!last) {
      // Numbers follow commit order: up to the head there was nothing else.
      folded.seq = Math.max(after, head.seq)
      return after > since
    }
    after = last.seq
  }
}

async function headOf(database: TenantReads, tenant: Tenant): Promise<LogHead | undefined> {
  const statement = sql`
    select ${headColumns} from counters c where c.creator_id = ${tenant.creatorId}`
  const rows = await database.readAs(tenant, (read) => read.query<LogHead>(statement))
  return rows[0]
}

const untold = { add: () => {} }
