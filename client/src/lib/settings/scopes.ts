import type { Scope } from '@creatorflow/shared/features/access'

/** What a key can be made for. */
export const scopeChoices: readonly {
  readonly scope: Scope
  readonly name: string
  readonly may: string
}[] = [
  {
    scope: 'ingest:write',
    name: 'Send events',
    may: 'For a shop, an integration or a script.',
  },
  { scope: 'read', name: 'Read numbers', may: 'For a wall display, an overlay or a report.' },
  {
    scope: 'operate',
    name: 'Operate',
    may: 'View, replay and delete dead letters, and retry sources.',
  },
]

export function scopeNames(scopes: readonly Scope[]): string {
  return scopeChoices
    .filter(({ scope }) => scopes.includes(scope))
    .map(({ name }) => name.toLowerCase())
    .join(', ')
}
