import { z } from 'zod'
import { listOf, optional, origin, variable, whole, wholeMs } from '../../core/config/variable.ts'
import { allowedHostsOf } from '../../core/outgoing/addresses.ts'

const allowedHost = z.string().superRefine((entry, context) => {
  try {
    allowedHostsOf([entry])
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : 'is not a host')
  }
})

export const notificationVariables = {
  ALERT_TARGETS_ALLOWED: variable(
    listOf(allowedHost),
    '',
    'hosts',
    'Hosts, addresses and networks (10.1.0.0/16) that alerts may be sent to although they are not public, also without TLS; comma-separated.',
  ),
  MAX_ALERT_TARGETS: variable(
    whole(1),
    '50',
    'targets',
    'Maximum targets for alerts per creator, browsers included.',
  ),
  ALERT_TIMEOUT_MS: variable(
    wholeMs(100, 30_000),
    '10000',
    'ms',
    'How long a target may take to answer; half of it until the answer begins.',
  ),
  ALERT_BURST_MS: variable(
    wholeMs(0, 600_000),
    '10000',
    'ms',
    'Alerts to the same person within this time are one message. Webhooks get each at once.',
  ),
  ALERT_ATTEMPTS: variable(
    whole(1, 100),
    '12',
    'tries',
    'Attempts to send an alert within a day; the waits between them grow to an hour.',
  ),
  ALERT_FAILURES: variable(
    whole(1),
    '5',
    'failures',
    'Failures in a row after which a target is paused; then one delivery at a time tries again.',
  ),
  ALERT_SENDS: variable(whole(1, 200), '16', 'targets', 'Targets this process sends to at once.'),
  ALERT_DELIVERIES_KEPT_DAYS: variable(
    whole(1, 36_500),
    '30',
    'days',
    'How long deliveries of alerts are kept.',
  ),
  MAX_ALERT_DELIVERIES: variable(
    whole(1),
    '10000',
    'deliveries',
    'Deliveries of alerts kept per creator. When exceeded, the oldest are deleted.',
  ),
  TELEGRAM_API_URL: variable(
    origin,
    'https://api.telegram.org',
    'URL',
    'Bot API for alerts to Telegram.',
  ),
  PUSH_CONTACT: optional(
    z.string().regex(/^(https:\/\/|mailto:.+@)\S+$/, {
      error: 'must start with https:// or mailto:',
    }),
    'URL',
    'How push services reach the operator of this server. Defaults to `PUBLIC_URL` or the address in `MAIL_FROM`.',
  ),
}
