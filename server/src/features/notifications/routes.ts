import type { Database } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import * as wire from '@creatorflow/shared/features/notifications'
import { AppError } from '../../core/errors.ts'
import type { Principal } from '../../core/rights/principal.ts'
import type { Sealer } from '../../core/seal.ts'
import type { Routes } from '../../http/feature.ts'
import { shortUserAgent } from '../../identity/access/user-agent.ts'
import { readPushKeys } from './channels/push-keys.ts'
import { selectDeliveries, selectDelivery, sendAgain } from './delivering/store.ts'
import type { createTargetChanges } from './targets/changes.ts'
import { selectTarget, selectTargets, shownTarget, type TargetRow } from './targets/store.ts'

export interface RoutesDeps {
  readonly database: Database
  readonly sealer: Sealer
  readonly changes: ReturnType<typeof createTargetChanges>
  readonly emailReady: boolean
  readonly sendTest: (tenant: Tenant, target: TargetRow) => Promise<wire.AlertDelivery | undefined>
}

export function mountNotifications(routes: Routes, deps: RoutesDeps): void {
  mountTargets(routes, deps)
  mountDeliveries(routes, deps)
  mountPush(routes, deps)
}

const show = (row: TargetRow, principal: Principal) =>
  shownTarget(row, viewerOf(principal), new Date())

function mountTargets(
  { router, answer }: Routes,
  { database, changes, emailReady, sendTest }: RoutesDeps,
): void {
  answer(router, wire.listTargets, async ({ tenant, principal }) => {
    const rows = await database.readAs(tenant, (read) => selectTargets(read, tenant))
    return {
      at: new Date().toISOString(),
      targets: rows.map((row) => show(row, principal)),
      email_ready: emailReady,
    }
  })
  answer(router, wire.addTarget, async ({ tenant, actor, principal, body }) => {
    const { row, secret } = await changes.add(tenant, actor, body)
    return { target: show(row, principal), secret }
  })
  answer(router, wire.changeTarget, async ({ tenant, actor, principal, params, body }) =>
    show(await changes.change(tenant, actor, params.target_id, body), principal),
  )
  answer(router, wire.removeTarget, async ({ tenant, actor, params }) => {
    await changes.remove(tenant, actor, params.target_id)
    return undefined
  })
  answer(router, wire.rollSecret, async ({ tenant, actor, params }) => ({
    secret: await changes.roll(tenant, actor, params.target_id, Date.now()),
  }))
  answer(router, wire.testTarget, async ({ tenant, params }) => {
    const target = await database.readAs(tenant, (read) =>
      selectTarget(read, tenant, params.target_id),
    )
    if (!target) throw new AppError('not_found', 'Target not found.')
    const delivery = await sendTest(tenant, target)
    // A browser that is gone takes its deliveries along.
    if (!delivery) throw new AppError('gone', 'This browser no longer accepts notifications.')
    return delivery
  })
}

function mountDeliveries({ router, answer }: Routes, { database }: RoutesDeps): void {
  answer(router, wire.listDeliveries, async ({ tenant, query }) => {
    const { target_id: targetId, ...page } = query
    const { deliveries, next } = await database.readAs(tenant, (read) =>
      selectDeliveries(read, tenant, { ...page, targetId }),
    )
    return { deliveries, next_cursor: next }
  })
  answer(router, wire.resendDelivery, async ({ tenant, params }) => {
    const isThere = await sendAgain(database, tenant, params.delivery_id)
    const delivery =
      isThere &&
      (await database.readAs(tenant, (read) => selectDelivery(read, tenant, params.delivery_id)))
    if (!delivery) throw new AppError('not_found', 'Delivery not found.')
    return delivery
  })
}

function mountPush(
  { router, answer }: Routes,
  { database, sealer, changes, sendTest }: RoutesDeps,
): void {
  answer(router, wire.pushKey, async () => ({
    public_key: (await readPushKeys(database, sealer)).publicKey,
  }))
  answer(router, wire.addPush, async ({ tenant, actor, principal, body, request }) => {
    const row = await changes.subscribe(tenant, actor, {
      endpoint: body.endpoint,
      ...body.keys,
      userId: requirePerson(principal),
      person: actor.name,
      browser: shortUserAgent(request.headers['user-agent']),
    })
    const delivery = await sendTest(tenant, row)
    if (!delivery) {
      throw new AppError('invalid_input', 'The push service does not know this browser.')
    }
    const made = await database.readAs(tenant, (read) => selectTarget(read, tenant, row.id))
    return show(made ?? row, principal)
  })
  answer(router, wire.removePush, async ({ tenant, actor, principal, params }) => {
    await changes.remove(tenant, actor, params.target_id, requirePerson(principal))
    return undefined
  })
}

/** Whose browser it is; null is the local owner. */
function requirePerson(principal: Principal): string | null {
  const viewer = viewerOf(principal)
  if (viewer !== undefined) return viewer
  throw new AppError('forbidden', 'Only people can be notified, not API keys.')
}

function viewerOf(principal: Principal): string | null | undefined {
  if (principal.kind === 'user') return principal.userId
  return principal.kind === 'owner' ? null : undefined
}
