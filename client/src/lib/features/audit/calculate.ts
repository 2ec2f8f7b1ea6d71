import type { AuditEntry } from '@creatorflow/shared/features/audit'
import { shownIdentity } from '#lib/people/names.ts'

/** What the page asks for; dates are days of whoever reads, `2026-11-20`. */
export interface AuditFilter {
  readonly creator: string
  readonly action: string
  readonly from: string
  readonly to: string
}

/** A filter from the page's own address, so that a view can be kept and sent on. */
export function filterOf(search: Pick<URLSearchParams, 'get'>): AuditFilter {
  const text = (name: string) => search.get(name) ?? ''
  const day = (name: string) => (/^\d{4}-\d\d-\d\d$/.test(text(name)) ? text(name) : '')
  return { creator: text('creator'), action: text('action'), from: day('from'), to: day('to') }
}

/** The same as the query of the page's address, without what is not filtered by. */
export function pageQuery(filter: AuditFilter): string {
  const set = Object.entries(filter).filter(([, value]) => value !== '')
  return set.length === 0 ? '' : `?${new URLSearchParams(set)}`
}

/** What the server is asked; both days are whole ones. */
export function serverQuery(filter: AuditFilter) {
  const from = startOfDay(filter.from, 0)
  const to = startOfDay(filter.to, 1)
  return {
    creator_id: filter.creator || undefined,
    action: filter.action || undefined,
    from,
    to,
  }
}

/** Midnight where the reader is, some days after `day`; nothing for what is no day. */
function startOfDay(day: string, after: number): string | undefined {
  const [year, month, date] = day.split('-').map(Number)
  if (!year || !month || !date) return undefined
  const at = new Date(year, month - 1, date + after)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}

/** Entries by the day of `formatDate`, in their order. */
export function byDay(
  entries: readonly AuditEntry[],
  formatDate: (at: number) => string,
): { readonly day: string; readonly entries: readonly AuditEntry[] }[] {
  const days = new Map<string, AuditEntry[]>()
  for (const entry of entries) {
    const day = formatDate(Date.parse(entry.at))
    const list = days.get(day)
    if (list) list.push(entry)
    else days.set(day, [entry])
  }
  return [...days].map(([day, list]) => ({ day, entries: list }))
}

/** An entry as streamer mode shows it: without the names of people. */
export function withoutNames(entry: AuditEntry): AuditEntry {
  const { actor, action, details } = entry
  const name = shownIdentity('', { hidden: true })
  return {
    ...entry,
    actor: actor.kind === 'user' ? { ...actor, name } : actor,
    details: action.startsWith('user.') ? { ...details, name } : details,
  }
}
