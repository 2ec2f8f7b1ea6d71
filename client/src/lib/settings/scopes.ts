import type { Scope } from '@creatorflow/shared/features/access'

/** What a key may be made for. */
export const scopeChoices: readonly {
  readonly scope: Scope
  readonly name: string
  readonly may: string
}[] = [
  {
    scope: 'ingest:write',
    name: 'Send events',
    may: 'For a shop, a bridge or a script that reports.',
  },
  { scope: 'read', name: 'Read numbers', may: 'For a wall, an overlay or a report.' },
  {
    scope: 'operate',
    name: 'Operate',
    may: 'Looks at dead letters, replays or drops them, and tries sources again.',
  },
]

export function scopeNames(scopes: readonly Scope[]): string {
  return scopeChoices
    .filter(({ scope }) => scopes.includes(scope))
    .map(({ name }) => name.toLowerCase())
    .join(', ')
}
