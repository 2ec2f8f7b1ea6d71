import type { notificationsAudit } from '@creatorflow/shared/features/notifications'
import { type ActionWords, quoted, type Told } from '#lib/audit/words.ts'

export const notificationsWords: Readonly<
  Record<(typeof notificationsAudit)[number], ActionWords>
> = {
  'alert_target.added': {
    group: 'Alerts',
    name: 'Target added',
    says: ({ place, name }) => `added ${target(name)} to ${place}`,
  },
  'alert_target.changed': {
    group: 'Alerts',
    name: 'Target changed',
    says: ({ details, place, name }) => `changed ${target(name)} of ${place}${changes(details)}`,
  },
  'alert_target.removed': {
    group: 'Alerts',
    name: 'Target removed',
    says: ({ place, name }) => `removed ${target(name)} from ${place}`,
  },
  'alert_target.secret_rolled': {
    group: 'Alerts',
    name: 'Signing secret replaced',
    says: ({ place, name }) => `replaced the signing secret of ${target(name)} of ${place}`,
  },
}

const target = (name: string) => (name === '' ? 'a target of alerts' : `the target ${name}`)

function changes({ renamed_to, enabled, address }: Told['details']): string {
  const parts = [
    ...(typeof renamed_to === 'string' ? [`name to ${quoted(renamed_to)}`] : []),
    ...(typeof enabled === 'boolean' ? [enabled ? 'turned on' : 'turned off'] : []),
    ...(typeof address === 'string' ? [`address to ${quoted(address)}`] : []),
  ]
  return parts.length > 0 ? `: ${parts.join(', ')}` : ''
}
