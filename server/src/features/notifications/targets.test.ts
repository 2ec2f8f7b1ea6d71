import { randomUUID } from 'node:crypto'
import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { ask, startApp, type TestApp, type TestCreator } from '../../../test/harness.ts'
import { createKeptLog } from '../../../test/kept-log.ts'
import { newUser } from '../../../test/people.ts'
import { startTwoNodes } from '../../../test/two-nodes.ts'
import { forgetAlertDeliveries } from './delivering/store.ts'
import { alertsOf, putAlert } from './test/alerts.ts'
import { newBrowser } from './test/push-service.ts'
import { type Receiver, startReceiver } from './test/services.ts'

const env = {
  HOST: '0.0.0.0',
  ALERT_TARGETS_ALLOWED: '127.0.0.1',
  ALERT_BURST_MS: '100',
  MAX_ALERT_TARGETS: '3',
  ALERT_FAILURES: '1000',
}

describe.each(databases())('targets of alerts on $name', (database) => {
  const { log, lines } = createKeptLog()
  let app: TestApp
  let receiver: Receiver
  let creator: TestCreator
  let call: ReturnType<typeof alertsOf>
  beforeAll(async () => {
    receiver = await startReceiver()
    app = await startApp({ database, env, log })
  })
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]()
    await receiver?.[Symbol.asyncDispose]()
  })
  const sent = async () => (await call('GET', 'deliveries?state=sent')).json.deliveries.length
  const fresh = async () => {
    creator = await app.newCreator()
    call = alertsOf(app, creator.id)
  }

  test('[NOTIFY-1] owners add, change and remove targets; an address is never shown again', async () => {
    await fresh()
    const secretPath = `/hook/${randomUUID()}`
    const added = await call('POST', 'targets', {
      kind: 'slack',
      name: 'Team',
      url: receiver.url + secretPath,
    })
    expect(added.json).toMatchObject({
      secret: null,
      target: { kind: 'slack', name: 'Team', address: receiver.url, state: 'new', own: false },
    })
    const { id } = added.json.target
    const renamed = await call('PATCH', `targets/${id}`, { name: 'Everybody', enabled: false })
    expect(renamed.json).toMatchObject({ name: 'Everybody', state: 'off' })
    const other = await startReceiver()
    expect((await call('PATCH', `targets/${id}`, { url: `${other.url}/x` })).json.address).toBe(
      other.url,
    )
    await call('POST', `targets/${id}/test`, {})
    expect(other.received).toHaveLength(1)
    await other[Symbol.asyncDispose]()
    const audit = await ask(app.port, 'GET', `/api/v1/audit?creator_id=${creator.id}`, app.owner)
    const list = await call('GET', 'targets')
    expect(audit.json.entries.map(({ action }: { action: string }) => action)).toEqual([
      'alert_target.changed',
      'alert_target.changed',
      'alert_target.added',
    ])
    for (const text of [added.text, renamed.text, audit.text, list.text, ...lines]) {
      expect(text).not.toContain(secretPath)
    }
    expect((await call('DELETE', `targets/${id}`)).status).toBe(204)
    expect((await call('GET', 'targets')).json.targets).toEqual([])
    expect((await call('DELETE', `targets/${id}`)).status).toBe(404)
    expect((await call('POST', `targets/${id}/roll-secret`, {})).status).toBe(404)
  })

  test.each([
    [{ kind: 'webhook', url: 'https://10.0.0.1/x' }, 'not public'],
    [{ kind: 'webhook', url: 'https://[::ffff:169.254.169.254]/' }, 'not public'],
    [{ kind: 'discord', url: 'https://user:x@example.com/' }, 'user name or password'],
    [{ kind: 'webhook', url: 'file:///etc/passwd' }, 'https://'],
    [{ kind: 'telegram', bot_token: 'x', chat_id: '1' }, 'bot token'],
    [{ kind: 'telegram', bot_token: `1:${'x'.repeat(35)}`, chat_id: '../1' }, 'chat ID'],
    [{ kind: 'email', email: 'a@example.com' }, 'SMTP_URL'],
    [{ kind: 'pager', url: 'https://example.com' }, ''],
    [{ kind: 'webhook' }, ''],
  ])('[NOTIFY-1] %j is refused with its reason', async (body, words) => {
    await fresh()
    const { status, text } = await call('POST', 'targets', body)
    expect([400, 409]).toContain(status)
    expect(text).toContain(words)
    expect((await call('GET', 'targets')).json.targets).toEqual([])
  })

  test('[NOTIFY-1] a creator has a limit of targets, and operators send tests but change nothing', async () => {
    await fresh()
    for (let n = 0; n < 3; n++) {
      expect((await call('POST', 'targets', { kind: 'webhook', url: receiver.url })).status).toBe(
        201,
      )
    }
    const more = await call('POST', 'targets', { kind: 'webhook', url: receiver.url })
    expect(more).toMatchObject({ status: 429, json: { error: { code: 'too_many' } } })
    expect((await call('POST', 'push', newBrowser(receiver.url).body)).status).toBe(429)
    const [{ id }] = (await call('GET', 'targets')).json.targets
    const roles = [{ creatorId: creator.id, role: 'operator' }] as const
    const operator = alertsOf(app, creator.id, {
      cookie: (await newUser(app.database, { roles })).cookie,
    })
    expect((await operator('POST', `targets/${id}/test`, {})).status).toBe(200)
    expect((await operator('PATCH', `targets/${id}`, { name: 'x' })).status).toBe(403)
    expect((await operator('DELETE', `targets/${id}`)).status).toBe(403)
    const key = alertsOf(app, creator.id, { authorization: `Bearer ${creator.key}` })
    expect((await key('GET', 'targets')).status).toBe(200)
    expect((await key('POST', 'push', newBrowser(receiver.url).body)).status).toBe(403)
  })

  test('[NOTIFY-5] deleting a creator deletes targets, secrets and deliveries', async () => {
    await fresh()
    await call('POST', 'targets', { kind: 'webhook', url: receiver.url })
    await putAlert(app.database, creator.id)
    await expect.poll(sent).toBe(1)
    const secrets = async () => {
      const rows = await app.database.query(sql`select 1 from alert_target_secrets`)
      return rows.length
    }
    const before = await secrets()
    const path = `/api/v1/creators/${creator.id}?confirm=${creator.id}`
    expect((await ask(app.port, 'DELETE', path, app.owner)).status).toBe(204)
    expect(await secrets()).toBe(before - 1)
    const left = await app.database.query(sql`
      select 1 from alert_deliveries where creator_id = ${creator.id}
      union all select 1 from alert_targets where creator_id = ${creator.id}`)
    expect(left).toEqual([])
  })

  test('[NOTIFY-5] deliveries are kept for some days and up to some number, and name nobody who was erased', async () => {
    await fresh()
    await call('POST', 'targets', { kind: 'webhook', url: receiver.url })
    const user = { handle: 'zelda.unicorn', name: 'Zelda Unicorn' }
    await app.post([
      {
        id: 'c',
        type: 'comment',
        creator_id: creator.id,
        user_id: 'u-77',
        user,
        properties: { text: 'hi' },
      },
    ])
    for (let n = 0; n < 3; n++) {
      await putAlert(app.database, creator.id, { name: 'New top gifter: Zelda Unicorn' })
    }
    await expect.poll(sent).toBe(3)
    const erased = await ask(
      app.port,
      'DELETE',
      `/api/v1/creators/${creator.id}/people/u-77`,
      app.owner,
    )
    expect(erased.status).toBe(200)
    const list = await call('GET', 'deliveries')
    expect(list.text).toContain('New top gifter')
    expect(list.text).not.toContain('Zelda')

    const forget = (keptDays: number, most: number) =>
      forgetAlertDeliveries(app.database, { keptDays, most })
    await forget(30, 2)
    expect(await sent()).toBe(2)
    await app.database.query(sql`
      update alert_deliveries set created_at = clock_timestamp() - interval '31 days' where creator_id = ${creator.id}`)
    await forget(32, 2)
    expect(await sent()).toBe(2)
    await forget(30, 2)
    expect(await sent()).toBe(0)
  })
})

test('[NOTIFY-3] only processes with the role jobs send, and /readyz says when none does', async () => {
  await using receiver = await startReceiver()
  await using app = await startApp({ env: { ...env, ROLES: 'pipeline,gateway' } })
  const creator = await app.newCreator()
  const call = alertsOf(app, creator.id)
  const added = await call('POST', 'targets', { kind: 'webhook', url: receiver.url })
  const alerts = async () => (await app.get('/readyz')).json.parts.alerts
  expect(await alerts()).toBeUndefined()
  await app.database.query(sql`
    insert into alert_deliveries (creator_id, target_id, items, next_at)
    values (${creator.id}, ${added.json.target.id}::uuid, '[]', clock_timestamp() - interval '3 minutes')`)
  expect(await alerts()).toEqual({
    ok: false,
    detail: '1 alert waits to be sent; is a process with the jobs role running?',
  })
  expect(receiver.received).toEqual([])
  // What waits because it is turned off is nobody's fault.
  await call('PATCH', `targets/${added.json.target.id}`, { enabled: false })
  expect(await alerts()).toBeUndefined()
})

describe('several processes', () => {
  const start = async () => {
    const nodes = await startTwoNodes(env)
    const receiver = await startReceiver()
    const creator = await nodes.here.newCreator()
    const call = alertsOf(nodes.here, creator.id)
    await call('POST', 'targets', { kind: 'webhook', url: receiver.url })
    return { nodes, receiver, creator, call }
  }
  const unfinished = async (database: Database) =>
    (await database.query(sql`select 1 from alert_deliveries where state <> 'sent'`)).length

  test('[NOTIFY-3] two send each alert once', async () => {
    const { nodes, receiver, creator } = await start()
    await using _nodes = nodes
    await using _receiver = receiver
    const ids = await Promise.all(
      Array.from({ length: 60 }, () => putAlert(nodes.database, creator.id)),
    )
    await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(60)
    await expect.poll(() => unfinished(nodes.database)).toBe(0)
    const got = receiver.received.map(({ headers }) => String(headers['webhook-id']))
    expect(got.sort()).toEqual(ids.sort())
  }, 60_000)

  test('[NOTIFY-3] what a process that died was sending is sent again by another, under the same id', async () => {
    const { nodes, receiver, creator, call } = await start()
    await using _nodes = nodes
    await using _receiver = receiver
    // Held by a process that is no more, as it leaves it.
    const [{ id }] = (await call('GET', 'targets')).json.targets
    await nodes.database.query(sql`
      update alert_targets set holder = gen_random_uuid(), held_until = clock_timestamp() + interval '2 seconds'
      where id = ${id}::uuid`)
    const alert = await putAlert(nodes.database, creator.id)
    const made = async () =>
      (await nodes.database.query<{ id: string }>(sql`select id from alert_deliveries`))[0]?.id
    await expect.poll(made).toBeTruthy()
    await nodes.database.query(sql`
      update alert_deliveries set attempts = 1, begun_at = clock_timestamp() where id = ${await made()}::uuid`)
    expect(receiver.received).toEqual([])
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(1)
    expect(receiver.received[0]?.headers['webhook-id']).toBe(alert)
    await expect.poll(() => unfinished(nodes.database)).toBe(0)
  }, 60_000)
})
