import type {
  AlertDelivery,
  AlertTarget,
  DeliveryState,
  TargetKind,
  TargetState,
} from '@creatorflow/shared/features/notifications'
import { formatWhen } from '#lib/when.ts'

/** What each kind of target is called, and what it takes to add one. */
export const kindWords: Readonly<
  Record<TargetKind, { readonly name: string; readonly hint: string }>
> = {
  webhook: { name: 'Webhook', hint: 'Your own service gets signed requests (Standard Webhooks).' },
  slack: { name: 'Slack', hint: 'An incoming webhook of a channel. Mattermost takes the same.' },
  discord: { name: 'Discord', hint: 'A webhook from the integrations of a channel.' },
  telegram: { name: 'Telegram', hint: 'A bot from @BotFather that is a member of the chat.' },
  email: { name: 'E-mail', hint: 'A person with access to this creator.' },
  push: { name: 'Push notification', hint: 'A browser of a person with access.' },
}

/** The kinds that a form adds; browsers add themselves. */
export const addedKinds = ['webhook', 'slack', 'discord', 'telegram', 'email'] as const
export type AddedKind = (typeof addedKinds)[number]

export interface StateWords {
  readonly state: string
  readonly tone: 'good' | 'quiet' | 'warn'
}

const states: Readonly<Record<TargetState, StateWords>> = {
  new: { state: 'Not used yet', tone: 'quiet' },
  ok: { state: 'Working', tone: 'good' },
  failing: { state: 'Failing', tone: 'warn' },
  paused: { state: 'Paused', tone: 'warn' },
  off: { state: 'Off', tone: 'quiet' },
  ended: { state: 'Gone', tone: 'warn' },
}

export function stateWords({ state }: Pick<AlertTarget, 'state'>): StateWords {
  return states[state]
}

/** What is going on with a target, in a sentence; undefined while there is nothing to say. */
export function targetWords(target: AlertTarget, now: number): string | undefined {
  const { state, paused_until, sent_at } = target
  switch (state) {
    case 'paused':
      return `Many attempts failed in a row. The next one is ${
        paused_until === null ? 'soon' : formatWhen(Date.parse(paused_until), now)
      }.`
    case 'failing':
      return 'The last attempt failed. Alerts are retried automatically.'
    case 'ended':
      return 'The receiver says this address no longer exists. Replace it, or turn it on to try again.'
    case 'off':
      return 'Alerts are not sent here.'
    default:
      return sent_at === null ? undefined : `Last sent ${formatWhen(Date.parse(sent_at), now)}.`
  }
}

/** "1 alert waits to be sent." */
export function waitingWords({ waiting }: Pick<AlertTarget, 'waiting'>): string | undefined {
  if (waiting === 0) return undefined
  return waiting === 1 ? '1 message waits to be sent.' : `${waiting} messages wait to be sent.`
}

export const deliveryWords: Readonly<Record<DeliveryState, string>> = {
  waiting: 'Waiting',
  sent: 'Sent',
  failed: 'Failed',
  dropped: 'Dropped',
}

/** What a delivery says, as one line. */
export function summaryOf({ items }: Pick<AlertDelivery, 'items'>): string {
  const [first] = items
  if (!first) return ''
  const title =
    first.kind === 'alert' && first.transition === 'recovered'
      ? `Recovered: ${first.title}`
      : first.title
  return items.length === 1 ? title : `${title}, and ${items.length - 1} more`
}

/** Why it is not sent yet, or how it was: "2 attempts; HTTP 500: oops". */
export function attemptWords({
  attempts,
  state,
}: Pick<AlertDelivery, 'attempts' | 'state'>): string {
  const last = attempts.at(-1)
  if (!last) return state === 'waiting' ? 'Not tried yet' : ''
  const count = attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`
  if (last.outcome === 'sent') return attempts.length === 1 ? '' : count
  const status = last.status === null ? '' : `HTTP ${last.status}`
  const reason = [status, last.text ?? ''].filter((part) => part !== '').join(': ')
  return reason === '' ? count : `${count}; ${reason}`
}
