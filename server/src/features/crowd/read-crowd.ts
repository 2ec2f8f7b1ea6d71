import type { TenantRead, TenantReads } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Reply } from '@creatorflow/shared/endpoint'
import { type CrowdComment, crowdLimits, type getCrowd } from '@creatorflow/shared/features/crowd'
import { AppError } from '../../core/errors.ts'
import { createLookupCache } from '../../core/lookup-cache.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import { whileKept } from '../../eventlog/marks.ts'
import { readRecounting } from '../../pipeline/recount-notes.ts'
import {
  type CommentRow,
  countUnanswered,
  type Part,
  selectBuyers,
  selectComments,
  selectGifters,
  selectOrders,
  selectPeople,
  selectQuestions,
  selectStart,
} from './queries.ts'

type Crowd = Reply<typeof getCrowd>

/** The people of LIVEs, read once for all screens that ask within a second. */
export interface Crowds {
  get(tenant: Tenant, sessionId: string, limit: number): Promise<Crowd>
  /** Something in this LIVE was changed by hand: the next answer includes it. */
  forget(tenant: Tenant, sessionId: string): void
}

/** Maximum age of an answer. */
export const CROWD_AGE_MS = 1_000

export function createCrowds(database: TenantReads, now?: () => number): Crowds {
  const cache = createLookupCache<Crowd>({
    maxAgeMs: CROWD_AGE_MS,
    maxEntries: 500,
    maxUnderWay: 200,
    ...(now && { now }),
    find: (key) => {
      // Safe: made by `keyOf`.
      const [creatorId, sessionId] = JSON.parse(key) as [string, string]
      return readCrowd(database, serverTenant(creatorId), sessionId)
    },
  })
  return {
    async get(tenant, sessionId, limit) {
      const { gifters, buyers, orders, comments, questions, ...whole } = await cache.get(
        keyOf(tenant, sessionId),
      )
      const first = <T>(rows: readonly T[]): T[] => rows.slice(0, limit)
      return {
        gifters: first(gifters),
        buyers: first(buyers),
        orders: first(orders),
        comments: first(comments),
        questions: first(questions),
        ...whole,
      }
    },
    forget: (tenant, sessionId) => cache.forget(keyOf(tenant, sessionId)),
  }
}

const keyOf = ({ creatorId }: Tenant, sessionId: string) => JSON.stringify([creatorId, sessionId])

function readCrowd(database: TenantReads, tenant: Tenant, sessionId: string): Promise<Crowd> {
  const part: Part = { creatorId: tenant.creatorId, sessionId, limit: crowdLimits.rows }
  return whileKept(database, tenant, (keptSince) =>
    database.readAs(tenant, (read) => readPart(read, tenant, part, keptSince)),
  )
}

async function readPart(
  read: TenantRead,
  tenant: Tenant,
  part: Part,
  keptSince: number,
): Promise<Crowd> {
  const startedAt = await selectStart(read, part)
  if (!startedAt) throw new AppError('not_found', 'LIVE not found.')
  const gifters = await selectGifters(read, part)
  const buyers = await selectBuyers(read, part)
  const orders = await selectOrders(read, part)
  const comments = await selectComments(read, part)
  const questions = await selectQuestions(read, part)
  const ids = [gifters, buyers, orders, comments, questions].flat().map(({ user_id }) => user_id)
  const people = await selectPeople(read, tenant, [...new Set(ids.filter((id) => id !== null))])
  const known = new Map(people.map((person) => [person.user_id, person]))
  const named = (id: string) => known.get(id) ?? { user_id: id, handle: null, name: null }
  const namedOrNull = (id: string | null) => (id === null ? null : named(id))
  const commentOf = ({ id, ts, text, user_id }: CommentRow): CrowdComment => ({
    id,
    ts: ts.toISOString(),
    text,
    user: namedOrNull(user_id),
  })
  return {
    gifters: gifters.map(({ user_id, ...sums }) => ({ user: named(user_id), ...sums })),
    buyers: buyers.map(({ user_id, ...sums }) => ({ user: named(user_id), ...sums })),
    orders: orders.map(({ user_id, ts, ...line }) => ({
      ...line,
      ts: ts.toISOString(),
      user: namedOrNull(user_id),
    })),
    comments: comments.map(commentOf),
    questions: questions.map((row) => ({
      ...commentOf(row),
      answered_at: row.answered_at?.toISOString() ?? null,
    })),
    unanswered: await countUnanswered(read, part),
    complete: startedAt.getTime() >= keptSince,
    recounting: await readRecounting(read, tenant),
  }
}
