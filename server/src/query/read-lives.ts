import type { TenantRead } from '@creatorflow/db/database'
import { raw, type Sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { answerLimits } from '@creatorflow/shared/query'
import { viewerInputs } from '@creatorflow/shared/viewer-minutes'
import type { HistoryMarks } from '../eventlog/history.ts'
import { type LiveTimes, type Pauses, readPauses } from '../eventlog/pauses.ts'
import { readViewerMinutes, type ViewerMinute } from '../eventlog/viewer-minutes.ts'
import { boundsOf, filtersSql, keyColumnsOf } from './compile.ts'
import { cellFinder, type TimeCell } from './frame.ts'
import { type FoundLive, onAirOf, selectLives } from './on-air.ts'
import type { ByPart, Moment, Part, Values } from './parts.ts'
import type { Sum } from './read-sums.ts'
import { isByLive } from './reads.ts'

/** The parts of average viewers, by keys and cell. */
export async function readViewers(
  read: TenantRead,
  tenant: Tenant,
  parts: readonly Part[],
  pausesOfLives: PausesOfLives,
  marks: HistoryMarks,
): Promise<ByPart<Values[]>> {
  const found: ByPart<Values[]> = new Map()
  const known = new Map<string, Promise<ViewerMinute[]>>()
  const asked = parts.filter(({ plan }) => plan.viewers)
  const bounds = boundsOf(asked)
  for (const part of asked) {
    const { shape } = part.plan
    // A LIVE's minutes are its own; for a part of its reports they are that part's.
    const columns = keyColumnsOf(shape).filter((column) => column !== 'session_id')
    const where = filtersSql(shape)
    const name = JSON.stringify([columns, where.text, where.values])
    const minutes =
      known.get(name) ??
      readViewerMinutes(
        read,
        tenant,
        { since: bounds[0] ?? 0, before: bounds.at(-1) ?? 0 },
        marks,
        { key: namedBy(columns), where, pausesOfLives },
      )
    known.set(name, minutes)
    found.set(part, viewersIn(part, columns, await minutes))
  }
  return found
}

const namedBy = (columns: readonly string[]): Sql =>
  columns.length === 0 ? raw('null::text') : raw(`jsonb_build_array(${columns.join(', ')})::text`)

function viewersIn(
  { plan, frame }: Part,
  columns: readonly string[],
  minutes: readonly ViewerMinute[],
): Values[] {
  const cellAt = cellFinder(frame)
  const cells = new Map<string, { keys: (string | null)[]; cell: TimeCell; viewers: number[] }>()
  for (const { session_id, key, at, milli } of minutes) {
    const cell = cellAt(at)
    if (!cell) continue
    const named = key === null ? [] : (JSON.parse(key) as (string | null)[])
    const keys = keyColumnsOf(plan.shape).map((column) =>
      column === 'session_id' ? session_id : (named[columns.indexOf(column)] ?? null),
    )
    const name = JSON.stringify([keys, cell])
    const known = cells.get(name) ?? { keys, cell, viewers: [] }
    known.viewers.push(milli)
    cells.set(name, known)
  }
  return [...cells.values()].map(({ keys, cell, viewers }) => ({
    keys,
    cell,
    values: viewerInputs(viewers),
  }))
}

interface LivesOfPart {
  /** Those that a total by LIVE lists, in order of their start. */
  readonly listed: readonly FoundLive[] | undefined
  readonly facts: readonly Values[]
  readonly tooMany: boolean
}

export async function readLives(
  read: TenantRead,
  tenant: Tenant,
  parts: readonly Part[],
  sums: ByPart<Sum[]>,
  pausesOfLives: PausesOfLives,
  { now }: Moment,
): Promise<ByPart<LivesOfPart>> {
  const found: ByPart<LivesOfPart> = new Map()
  for (const part of parts) {
    const { plan, frame } = part
    const isListed = isByLive(plan.shape)
    if (!isListed && !plan.lives) continue
    const named = isListed
      ? (sums.get(part) ?? []).flatMap(({ keys: [key = null] }) => (key === null ? [] : [key]))
      : []
    const range = { since: frame.bounds[0] ?? 0, before: frame.bounds.at(-1) ?? 0 }
    const lives = await selectLives(read, tenant, range, named, plan.shape, answerLimits.lives + 1)
    const tooMany = lives.length > answerLimits.lives
    const facts =
      plan.lives && !tooMany ? factsOf(part, lives, await pausesOfLives(lives), now) : []
    found.set(part, { listed: isListed ? lives : undefined, facts, tooMany })
  }
  return found
}

function factsOf(
  { plan, frame }: Part,
  lives: readonly FoundLive[],
  pausesOf: (sessionId: string) => Pauses,
  now: number,
): Values[] {
  const bySession = plan.shape.by.includes('session')
  const cells = new Map<string, Values & { sessions: Set<string>; seconds: (number | null)[] }>()
  for (const { session_id, cell, seconds } of onAirOf(lives, pausesOf, frame, now)) {
    const keys = bySession ? [session_id] : []
    const name = JSON.stringify([keys, cell])
    const known = cells.get(name) ?? { keys, cell, values: {}, sessions: new Set(), seconds: [] }
    known.sessions.add(session_id)
    known.seconds.push(seconds)
    cells.set(name, known)
  }
  return [...cells.values()].map(({ keys, cell, sessions, seconds }) => ({
    keys,
    cell,
    values: {
      lives: sessions.size,
      live_seconds: seconds.includes(null)
        ? null
        : seconds.reduce<number>((all, one) => all + (one ?? 0), 0),
    },
  }))
}

export type PausesOfLives = (lives: readonly LiveTimes[]) => Promise<(sessionId: string) => Pauses>

/** Reads the pauses of the same LIVEs once. */
export function pausesReader(
  read: TenantRead,
  tenant: Tenant,
  { keptSince }: Moment,
): PausesOfLives {
  const known = new Map<string, ReturnType<PausesOfLives>>()
  return (lives) => {
    const name = JSON.stringify(lives.map(({ session_id }) => session_id).sort())
    const ids = lives.map(({ session_id }) => session_id)
    const pauses = known.get(name) ?? readPauses(read, tenant, ids, keptSince)
    known.set(name, pauses)
    return pauses
  }
}
