import type { alertsAudit } from '@creatorflow/shared/features/alerts'
import type { ActionWords } from '#lib/audit/words.ts'
import { m } from '#messages'

export const alertsWords: Readonly<Record<(typeof alertsAudit)[number], ActionWords>> = {
  'alert_rule.added': {
    group: m.alerts_alerts(),
    name: m.alerts_alert_rule_added(),
    says: ({ place, name }) => m.alerts_added_alert_rule_name_to_place({ name, place }),
  },
  'alert_rule.changed': {
    group: m.alerts_alerts(),
    name: m.alerts_alert_rule_changed(),
    says: ({ place, name }) => m.alerts_changed_alert_rule_name_of_place({ name, place }),
  },
  'alert_rule.deleted': {
    group: m.alerts_alerts(),
    name: m.alerts_alert_rule_deleted(),
    says: ({ place, name }) => m.alerts_deleted_alert_rule_name_of_place({ name, place }),
  },
  'alert_rule.restored': {
    group: m.alerts_alerts(),
    name: m.alerts_alert_rule_restored(),
    says: ({ place, name }) => m.alerts_restored_alert_rule_name_of_place({ name, place }),
  },
  'alert.acknowledged': {
    group: m.alerts_alerts(),
    name: m.alerts_alert_acknowledged(),
    says: ({ place, name }) => m.alerts_acknowledged_alert_name_of_place({ name, place }),
  },
  'alert.silenced': {
    group: m.alerts_alerts(),
    name: m.alerts_alerts_silenced(),
    says: ({ place, name, details }) =>
      typeof details.name === 'string'
        ? m.alerts_silenced_alert_rule_name_of_place({ name, place })
        : m.alerts_silenced_all_alerts_of_place({ place }),
  },
  'alert.silence_ended': {
    group: m.alerts_alerts(),
    name: m.alerts_silence_ended(),
    says: ({ place }) => m.alerts_ended_silence_of_place({ place }),
  },
}
