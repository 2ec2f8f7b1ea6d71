import type { alertsAudit } from '@creatorflow/shared/features/alerts'
import type { ActionWords } from '#lib/audit/words.ts'

export const alertsWords: Readonly<Record<(typeof alertsAudit)[number], ActionWords>> = {
  'alert_rule.added': {
    group: 'Alerts',
    name: 'Alert rule added',
    says: ({ place, name }) => `added the alert rule ${name} to ${place}`,
  },
  'alert_rule.changed': {
    group: 'Alerts',
    name: 'Alert rule changed',
    says: ({ place, name }) => `changed the alert rule ${name} of ${place}`,
  },
  'alert_rule.deleted': {
    group: 'Alerts',
    name: 'Alert rule deleted',
    says: ({ place, name }) => `deleted the alert rule ${name} of ${place}`,
  },
  'alert.acknowledged': {
    group: 'Alerts',
    name: 'Alert acknowledged',
    says: ({ place, name }) => `acknowledged the alert ${name} of ${place}`,
  },
  'alert.silenced': {
    group: 'Alerts',
    name: 'Alerts silenced',
    says: ({ place, name, details }) =>
      typeof details.name === 'string'
        ? `silenced the alert rule ${name} of ${place}`
        : `silenced all alerts of ${place}`,
  },
  'alert.silence_ended': {
    group: 'Alerts',
    name: 'Silence ended',
    says: ({ place }) => `ended a silence of ${place}`,
  },
}
