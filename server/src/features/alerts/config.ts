import { variable, whole } from '../../core/config/variable.ts'

export const alertsVariables = {
  MAX_ALERT_RULES: variable(
    whole(0, 10_000),
    '200',
    'rules',
    'Maximum alert rules per creator, including the default ones.',
  ),
  MAX_ALERT_SUBJECTS: variable(
    whole(1, 10_000),
    '600',
    'subjects',
    'Products, pins or sources of a creator that one alert rule tracks at once.',
  ),
  ALERT_EPISODES_KEPT_DAYS: variable(
    whole(1, 36_500),
    '400',
    'days',
    'How long alert episodes are kept.',
  ),
}
