import type { Database } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { AlertDelivery } from '@creatorflow/shared/features/notifications'
import type { Bus } from '../../bus/bus.ts'
import type { Config } from '../../core/config/config.ts'
import type { ConfigOf } from '../../core/config/variable.ts'
import type { Log } from '../../core/log.ts'
import { allowedHostsOf } from '../../core/outgoing/addresses.ts'
import { createOutgoing } from '../../core/outgoing/outgoing.ts'
import { createSealer } from '../../core/seal.ts'
import type { Telemetry } from '../../core/telemetry.ts'
import type { Feature } from '../../http/feature.ts'
import type { Access } from '../../identity/access/access.ts'
import { createMail } from '../../identity/mail/mail.ts'
import type { Item } from './channels/message.ts'
import { pushContact } from './channels/push-keys.ts'
import { createSend } from './channels/send.ts'
import { alertsReadiness } from './delivering/readiness.ts'
import { sendNow } from './delivering/send-now.ts'
import { forgetAlertDeliveries, selectDelivery } from './delivering/store.ts'
import { createWorker, deliveryNumbers } from './delivering/worker.ts'
import { mountNotifications } from './routes.ts'
import type { notificationVariables } from './settings.ts'
import { createTargetChanges } from './targets/changes.ts'
import type { TargetRow } from './targets/store.ts'

export interface NotificationsDeps {
  readonly database: Database
  readonly bus: Bus
  readonly log: Log
  readonly telemetry: Telemetry
  readonly access: Pick<Access, 'hasLocalOwner'>
  readonly config: Pick<
    Config,
    'secretKey' | 'secretKeyPrevious' | 'dataDir' | 'publicUrl' | 'smtpUrl' | 'mailFrom'
  > &
    ConfigOf<typeof notificationVariables>
}

/** Targets of alerts, and the outcome of each delivery. */
export function createNotificationsFeature(deps: NotificationsDeps): Feature {
  const { database, config, log, access } = deps
  const sealer = createSealer(config)
  const mail = createMail(config, log)
  const outgoing = createOutgoing({
    allowed: allowedHostsOf(config.alertTargetsAllowed),
    timeoutMs: config.alertTimeoutMs,
  })
  const send = createSend({
    database,
    sealer,
    outgoing,
    mail,
    telegramApiUrl: config.telegramApiUrl,
    contact: pushContact(config),
    hasLocalOwner: access.hasLocalOwner,
  })
  const limits = { attempts: config.alertAttempts, failures: config.alertFailures }
  const emailReady = mail !== null
  const changes = createTargetChanges({ database, sealer, outgoing, config, emailReady })
  const numbers = deps.telemetry.with(deliveryNumbers)

  /** The outcome; undefined if the browser is gone and its deliveries were deleted with it. */
  async function sendTest(tenant: Tenant, target: TargetRow): Promise<AlertDelivery | undefined> {
    const now = { database, send, limits, publicUrl: config.publicUrl }
    const id = await sendNow(now, tenant, target, testItem(new Date()))
    return database.readAs(tenant, (read) => selectDelivery(read, tenant, id))
  }

  return {
    name: 'notifications',
    readiness: () => alertsReadiness(database),
    jobs: [
      {
        name: 'forget-alert-deliveries',
        title: 'Delete old deliveries of alerts',
        cron: '37 * * * *',
        per: 'installation',
        run: () =>
          forgetAlertDeliveries(database, {
            keptDays: config.alertDeliveriesKeptDays,
            most: config.maxAlertDeliveries,
          }),
      },
    ],
    worker: () =>
      createWorker({
        ...deps,
        numbers,
        send,
        limits,
        fanOut: { burstMs: config.alertBurstMs },
        atOnce: config.alertSends,
        publicUrl: config.publicUrl,
      }),
    mount: (routes) =>
      mountNotifications(routes, { database, sealer, changes, emailReady, sendTest }),
  }
}

function testItem(now: Date): Item {
  return {
    id: `test-${crypto.randomUUID()}`,
    kind: 'test',
    transition: 'fired',
    severity: 'info',
    title: 'Test notification',
    text: 'Alerts of this creator arrive here.',
    at: now.toISOString(),
    rule_id: null,
    episode_id: null,
    session_id: null,
    why: null,
  }
}
