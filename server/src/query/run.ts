import type { TenantRead, TenantReads } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Answer, Question } from '@creatorflow/shared/query'
import type { Recounting } from '@creatorflow/shared/recounting'
import { AppError } from '../core/errors.ts'
import { whileKept } from '../eventlog/marks.ts'
import { readRecounting } from '../pipeline/recount-notes.ts'
import { assemble, type Creator, type FoundPart } from './assemble.ts'
import { frameOf } from './frame.ts'
import { refusalOf } from './pairs.ts'
import type { Found, Moment, Part } from './parts.ts'
import { bucketsOfRange, earlierBuckets, type Place } from './range.ts'
import { readCells } from './read-cells.ts'
import { planOf } from './reads.ts'

export interface FoundCreator extends Creator {
  readonly now: Date
  /** Its log's position. */
  readonly seq: number
}

/** Answers one question; throws `invalid_input` with the reason if it has no answer. */
export async function answerQuestion(
  database: TenantReads,
  tenant: Tenant,
  question: Question,
): Promise<Answer & { recounting: Recounting | null }> {
  const { answers, recounting } = await answerQuestions(database, tenant, [question])
  const [answer] = answers
  if (!answer || answer instanceof AppError) throw answer ?? new Error('a question got no answer')
  return { ...answer, recounting }
}

/**
 * Answers the questions of a page, all as of one moment, or says why not; those with overlapping ranges are
 * read together.
 */
export function answerQuestions(
  database: TenantReads,
  tenant: Tenant,
  questions: readonly Question[],
): Promise<{ answers: (Answer | AppError)[]; recounting: Recounting | null }> {
  return whileKept(database, tenant, (keptSince) =>
    database.readAs(tenant, async (read) => {
      const creator = await selectCreator(read, tenant)
      const moment = { now: creator.now.getTime(), keptSince }
      const asked = questions.map((question) => orRefused(() => partsOf(question, creator)))
      const parts = asked.flatMap((one) => (one instanceof AppError ? [] : one))
      const found = await readTogether(read, tenant, parts, moment)
      const answers = asked.map((one, n): Answer | AppError => {
        if (one instanceof AppError) return one
        const parts = one.map((part) => ({ part, found: found.get(part) }))
        const failed = parts.find(({ found }) => found instanceof AppError)?.found
        if (failed instanceof AppError) return failed
        // Safe: every part was read, and none of these failed.
        const [current, before] = parts as [FoundPart, FoundPart?]
        return orRefused(() =>
          assemble(questions[n] as Question, current, before, creator, moment, creator.seq),
        )
      })
      return { answers, recounting: await readRecounting(read, tenant) }
    }),
  )
}

/** The reason for refusing a question is its answer; other errors are thrown. */
function orRefused<T>(work: () => T): T | AppError {
  try {
    return work()
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
}

/** A question's range, and the one it is compared with. */
function partsOf(question: Question, creator: FoundCreator): Part[] {
  const refusal = refusalOf(question)
  if (refusal !== undefined) throw new AppError('invalid_input', refusal)
  const plan = planOf(question)
  const place: Place = { timeZone: creator.time_zone, now: creator.now.getTime() }
  const bounds = bucketsOfRange(question, place)
  const ranges = question.compare ? [bounds, earlierBuckets(question, bounds, place)] : [bounds]
  return ranges.map((bounds) => ({ plan, frame: frameOf(question, bounds, place.timeZone) }))
}

/** A range that extends the common one by more than this is read separately. */
const MOST_STRETCH = 1.25

async function readTogether(
  read: TenantRead,
  tenant: Tenant,
  parts: readonly Part[],
  moment: Moment,
): Promise<Map<Part, Found | AppError>> {
  const all = new Map<Part, Found | AppError>()
  for (const group of overlapping(parts)) {
    const found = await readCells(read, tenant, group, moment)
    group.forEach((part, n) => {
      all.set(part, found[n] as Found | AppError)
    })
  }
  return all
}

/** Parts whose ranges nearly coincide, or lie within one of the others, longest first. */
export function overlapping(parts: readonly Part[]): Part[][] {
  const spanOf = ({ frame: { bounds } }: Part) => ({
    since: bounds[0] ?? 0,
    before: bounds.at(-1) ?? 0,
  })
  const lengthOf = (part: Part) => spanOf(part).before - spanOf(part).since
  const groups: { since: number; before: number; most: number; parts: Part[] }[] = []
  for (const part of [...parts].sort((a, b) => lengthOf(b) - lengthOf(a))) {
    const { since, before } = spanOf(part)
    const group = groups.find(
      (one) => Math.max(one.before, before) - Math.min(one.since, since) <= MOST_STRETCH * one.most,
    )
    if (!group) {
      groups.push({ since, before, most: before - since, parts: [part] })
      continue
    }
    group.since = Math.min(group.since, since)
    group.before = Math.max(group.before, before)
    group.parts.push(part)
  }
  return groups.map((group) => group.parts)
}

/** A creator with the database's clock and its log position; throws if there is none. */
export async function selectCreator(
  read: TenantRead,
  { creatorId }: Tenant,
): Promise<FoundCreator> {
  const [row] = await read.query<FoundCreator>(sql`
    select time_zone, currency, clock_timestamp() as now, exists (
      select from log_bases b, retention r where b.creator_id = c.id and b.until <= r.kept_since
    ) as is_partial, coalesce((select seq from counters where creator_id = c.id), 0)::bigint as seq
    from creators c where id = ${creatorId}`)
  if (!row) throw new AppError('not_found', 'Creator not found.')
  return row
}
