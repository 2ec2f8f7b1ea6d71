import type { notificationsAudit } from '@creatorflow/shared/features/notifications'
import type { ActionWords, Told } from '#lib/audit/words.ts'
import { m } from '#messages'

export const notificationsWords: Readonly<
  Record<(typeof notificationsAudit)[number], ActionWords>
> = {
  'alert_target.added': {
    group: m.notifications_alerts(),
    name: m.notifications_target_added(),
    says: ({ place, name }) =>
      m.notifications_added_target_to_place({ target: target(name), place }),
  },
  'alert_target.changed': {
    group: m.notifications_alerts(),
    name: m.notifications_target_changed(),
    says: ({ details, place, name }) =>
      m.notifications_changed_target_of_place_changes({
        target: target(name),
        place,
        changes: changes(details),
      }),
  },
  'alert_target.removed': {
    group: m.notifications_alerts(),
    name: m.notifications_target_removed(),
    says: ({ place, name }) =>
      m.notifications_removed_target_from_place({ target: target(name), place }),
  },
  'alert_target.secret_rolled': {
    group: m.notifications_alerts(),
    name: m.notifications_signing_secret_replaced(),
    says: ({ place, name }) =>
      m.notifications_replaced_signing_secret_of_target({ target: target(name), place }),
  },
}

const target = (name: string) =>
  name === '' ? m.notifications_target_of_alerts() : m.notifications_target_name({ name })

function changes({ renamed_to, enabled, address }: Told['details']): string {
  const parts = [
    ...(typeof renamed_to === 'string'
      ? [m.notifications_name_to_value({ value: `“${renamed_to}”` })]
      : []),
    ...(typeof enabled === 'boolean'
      ? [enabled ? m.notifications_turned_on() : m.notifications_turned_off()]
      : []),
    ...(typeof address === 'string'
      ? [m.notifications_address_to_value({ value: `“${address}”` })]
      : []),
  ]
  return parts.length > 0 ? `: ${parts.join(', ')}` : ''
}
