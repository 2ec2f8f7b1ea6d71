import type { Scope } from '@creatorflow/shared/features/access'
import { m } from '#messages'

/** What a key can be made for. */
export const scopeChoices: readonly {
  readonly scope: Scope
  readonly name: string
  readonly may: string
}[] = [
  {
    scope: 'ingest:write',
    name: m.settings_send_events(),
    may: m.settings_for_shop_integration_or_script(),
  },
  {
    scope: 'read',
    name: m.settings_read_numbers(),
    may: m.settings_for_wall_display_overlay_or_report(),
  },
  {
    scope: 'operate',
    name: m.settings_operate(),
    may: m.settings_view_replay_and_delete_dead(),
  },
]

export function scopeNames(scopes: readonly Scope[]): string {
  return scopeChoices
    .filter(({ scope }) => scopes.includes(scope))
    .map(({ name }) => name.toLowerCase())
    .join(', ')
}
