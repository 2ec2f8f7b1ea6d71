import type { Failure, Result } from '@creatorflow/shared/errors'
import type {
  AlertTarget,
  addPush,
  pushKey,
  removePush,
} from '@creatorflow/shared/features/notifications'
import { ask, change } from '#lib/ask.ts'
import { remember, remembered } from '#lib/remembered.ts'
import { m } from '#messages'

const WORKER = '/push-worker.js'

/** Why this browser can't be notified; null if it can. */
export function whyNoPush(browser: {
  readonly isSecureContext: boolean
  readonly hasPush: boolean
  readonly permission: NotificationPermission | undefined
}): string | null {
  if (!browser.isSecureContext) {
    return m.notifications_push_notifications_need_secure()
  }
  if (!browser.hasPush) {
    return m.notifications_this_browser_doesnt_support_push()
  }
  if (browser.permission === 'denied') {
    return m.notifications_notifications_from_this_page_are()
  }
  return null
}

/** The same of the browser that runs this. */
export function whyNoPushHere(): string | null {
  return whyNoPush({
    isSecureContext,
    hasPush: 'serviceWorker' in navigator && 'PushManager' in globalThis,
    permission: typeof Notification === 'undefined' ? undefined : Notification.permission,
  })
}

/** The target that this browser is, if it still is one. */
export function ownBrowser(
  creatorId: string,
  targets: readonly AlertTarget[],
): AlertTarget | undefined {
  const id = remembered(`push ${creatorId}`)
  return targets.find((target) => target.id === id && target.kind === 'push' && target.own)
}

/** Asks for permission, subscribes and tells the server; only ever called by a click. */
export async function turnOnPush(creatorId: string): Promise<Result<AlertTarget>> {
  const params = { creator_id: creatorId }
  if ((await Notification.requestPermission()) !== 'granted') return refused(whyNoPushHere())
  const key = await ask<typeof pushKey>('GET /api/v1/creators/:creator_id/alerts/push', { params })
  if (!key.ok) return key
  const { subscription, error } = await subscribe(key.value.public_key)
  const { endpoint, keys } = subscription?.toJSON() ?? {}
  if (!endpoint || !keys?.p256dh || !keys.auth) return refused(error ?? null)
  const body = { endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } }
  const added = await ask<typeof addPush>('POST /api/v1/creators/:creator_id/alerts/push', {
    params,
    body,
  })
  if (added.ok) remember(`push ${creatorId}`, added.value.id)
  return added
}

/** The browser stays subscribed, since another creator's alerts may come by the same subscription. */
export async function turnOffPush(creatorId: string, targetId: string): Promise<Failure | null> {
  const failure = await change<typeof removePush>(
    'DELETE /api/v1/creators/:creator_id/alerts/push/:target_id',
    { params: { creator_id: creatorId, target_id: targetId } },
  )
  if (failure && failure.code !== 'not_found') return failure
  remember(`push ${creatorId}`, null)
  return null
}

async function subscribe(
  publicKey: string,
): Promise<{ readonly subscription?: PushSubscription; readonly error?: string }> {
  try {
    const registration = await navigator.serviceWorker.register(WORKER)
    await navigator.serviceWorker.ready
    const known = await registration.pushManager.getSubscription()
    // One for another key, such as of a server that was set up anew, is of no use.
    if (known && keyOf(known) !== publicKey) await known.unsubscribe()
    const subscription = await registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: publicKey,
    })
    return { subscription }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

function keyOf({ options }: PushSubscription): string | undefined {
  const key = options.applicationServerKey
  if (!key) return undefined
  const text = btoa(String.fromCharCode(...new Uint8Array(key)))
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

function refused(reason: string | null): { readonly ok: false; readonly error: Failure } {
  const message = reason ?? m.notifications_notifications_were_not_allowed_try()
  return { ok: false, error: { code: 'conflict', message } }
}
