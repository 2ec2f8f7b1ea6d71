import type { TenantRead } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { endOf } from '@creatorflow/shared/live-span'
import { secondsOnAir } from '@creatorflow/shared/present'
import type { Pauses } from '../eventlog/pauses.ts'
import { filtersSql } from './compile.ts'
import type { Frame, TimeCell } from './frame.ts'
import type { Shape } from './reads.ts'
import { iso } from './sources.ts'

export interface FoundLive {
  readonly session_id: string
  readonly started_at: Date
  readonly ended_at: Date | null
  readonly last_at: Date
}

/** A LIVE within one cell. */
export interface OnAir {
  readonly session_id: string
  readonly cell: TimeCell
  /** Null if not all of its pauses are known. */
  readonly seconds: number | null
}

/** The LIVEs on air in a range of epoch ms, and those of `sessions`, in order of their start, after filters. */
export function selectLives(
  read: TenantRead,
  { creatorId }: Tenant,
  { since, before }: { readonly since: number; readonly before: number },
  sessions: readonly string[],
  shape: Pick<Shape, 'where'>,
  limit: number,
): Promise<FoundLive[]> {
  const where = shape.where.filter(({ dimension }) => dimension === 'session')
  return read.query<FoundLive>(sql`
    select session_id, started_at, ended_at, last_at from lives
    where creator_id = ${creatorId} and (
      started_at < ${iso(before)}::timestamptz
        and greatest(ended_at, last_at) >= ${iso(since)}::timestamptz
      or session_id = any(${sessions}::text[])) ${filtersSql({ where })}
    order by started_at, session_id limit ${limit}::int`)
}

/** Time on air of each LIVE in each slot of a range, for the LIVEs of the question. */
export function onAirOf(
  lives: readonly FoundLive[],
  pausesOf: (sessionId: string) => Pauses,
  frame: Frame,
  now: number,
): OnAir[] {
  return lives.flatMap((live) => {
    const start = live.started_at.getTime()
    const span = { ended_at: live.ended_at?.getTime() ?? null, last_at: live.last_at.getTime() }
    const end = endOf({ ...span, started_at: start }, now) ?? now
    const pauses = pausesOf(live.session_id)
    return frame.cellOf.flatMap((number, slot): OnAir[] => {
      const [since = 0, before = 0] = [frame.bounds[slot], frame.bounds[slot + 1]]
      const cell = number === null ? undefined : frame.cells[number]
      if (!cell || start >= before || end < since || (end === since && start < since)) return []
      const started_at = Math.max(start, since)
      const seconds = secondsOnAir({ ...pauses, started_at }, Math.min(end, before))
      return [{ session_id: live.session_id, cell, seconds }]
    })
  })
}
