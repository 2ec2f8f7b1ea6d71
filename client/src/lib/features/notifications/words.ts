import type {
  AlertDelivery,
  AlertTarget,
  DeliveryState,
  TargetKind,
  TargetState,
} from '@creatorflow/shared/features/notifications'
import { formatWhen } from '#lib/when.ts'
import { m } from '#messages'

/** What each kind of target is called, and what it takes to add one. */
export const kindWords: Readonly<
  Record<TargetKind, { readonly name: string; readonly hint: string }>
> = {
  webhook: {
    name: m.notifications_webhook(),
    hint: m.notifications_your_own_service_gets_signed(),
  },
  slack: { name: m.notifications_slack(), hint: m.notifications_incoming_webhook_of_channel() },
  discord: {
    name: m.notifications_discord(),
    hint: m.notifications_webhook_from_integrations_of(),
  },
  telegram: {
    name: m.notifications_telegram(),
    hint: m.notifications_bot_from_botfather_that_is_member(),
  },
  email: {
    name: m.notifications_e_mail(),
    hint: m.notifications_person_with_access_to_this_creator(),
  },
  push: {
    name: m.notifications_push_notification(),
    hint: m.notifications_browser_of_person_with_access(),
  },
}

/** The kinds that a form adds; browsers add themselves. */
export const addedKinds = ['webhook', 'slack', 'discord', 'telegram', 'email'] as const
export type AddedKind = (typeof addedKinds)[number]

export interface StateWords {
  readonly state: string
  readonly tone: 'good' | 'quiet' | 'warn'
}

const states: Readonly<Record<TargetState, StateWords>> = {
  new: { state: m.notifications_state_new(), tone: 'quiet' },
  ok: { state: m.notifications_state_ok(), tone: 'good' },
  failing: { state: m.notifications_state_failing(), tone: 'warn' },
  paused: { state: m.notifications_state_paused(), tone: 'warn' },
  off: { state: m.notifications_state_off(), tone: 'quiet' },
  ended: { state: m.notifications_state_ended(), tone: 'warn' },
}

export function stateWords({ state }: Pick<AlertTarget, 'state'>): StateWords {
  return states[state]
}

/** Closer than that, a time is only “now”. */
export const MINUTE_MS = 60_000

/** What is going on with a target, in a sentence; undefined while there is nothing to say. */
export function targetWords(target: AlertTarget, now: number): string | undefined {
  const { state, paused_until, sent_at } = target
  switch (state) {
    case 'paused':
      return paused_until === null || Date.parse(paused_until) < now + MINUTE_MS
        ? m.notifications_failing_soon()
        : m.notifications_failing_next({ when: formatWhen(Date.parse(paused_until), now) })
    case 'failing':
      return m.notifications_last_attempt_failed_alerts_are()
    case 'ended':
      return m.notifications_receiver_says_this_address_no()
    case 'off':
      return m.notifications_alerts_are_not_sent_here()
    default:
      if (sent_at === null) return undefined
      return Date.parse(sent_at) > now - MINUTE_MS
        ? m.notifications_sent_just_now()
        : m.notifications_last_sent({ when: formatWhen(Date.parse(sent_at), now) })
  }
}

/** "1 alert waits to be sent." */
export function waitingWords({ waiting }: Pick<AlertTarget, 'waiting'>): string | undefined {
  if (waiting === 0) return undefined
  return m.notifications_waiting_messages_wait_to_be_sent({ waiting })
}

export const deliveryWords: Readonly<Record<DeliveryState, string>> = {
  waiting: m.notifications_waiting(),
  sent: m.notifications_sent(),
  failed: m.notifications_failed(),
  dropped: m.notifications_dropped(),
}

/** What a delivery says, as one line. */
export function summaryOf({ items }: Pick<AlertDelivery, 'items'>): string {
  const [first] = items
  if (!first) return ''
  const title =
    first.kind === 'alert' && first.transition === 'recovered'
      ? m.notifications_recovered_title({ title: first.title })
      : first.title
  return items.length === 1
    ? title
    : m.notifications_title_and_items_more({ title, items: items.length - 1 })
}

/** Why it is not sent yet, or how it was: "2 attempts; HTTP 500: oops". */
export function attemptWords({
  attempts,
  state,
}: Pick<AlertDelivery, 'attempts' | 'state'>): string {
  const last = attempts.at(-1)
  if (!last) return state === 'waiting' ? m.notifications_not_tried_yet() : ''
  const count = m.notifications_attempts_attempts({ attempts: attempts.length })
  if (last.outcome === 'sent') return attempts.length === 1 ? '' : count
  const status = last.status === null ? '' : m.notifications_http_status({ status: last.status })
  const reason = [status, last.text ?? ''].filter((part) => part !== '').join(': ')
  return reason === '' ? count : `${count}; ${reason}`
}
