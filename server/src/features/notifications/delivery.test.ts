import { sql } from '@creatorflow/db/sql'
import type { AlertDelivery } from '@creatorflow/shared/features/notifications'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { freePort } from '../../../test/faults/stages.ts'
import { startApp, type TestApp, type TestCreator } from '../../../test/harness.ts'
import { newUser } from '../../../test/people.ts'
import { startSmtpServer, type TestSmtpServer } from '../../../test/smtp-server.ts'
import { alertsOf, isSigned, putAlert } from './test/alerts.ts'
import { newBrowser } from './test/push-service.ts'
import { type documented, type Receiver, startReceiver } from './test/services.ts'

describe.each(databases())('delivering alerts on $name', (database) => {
  let app: TestApp
  let publicUrl: string
  let mail: TestSmtpServer
  let creator: TestCreator
  let call: ReturnType<typeof alertsOf>
  const receivers: Receiver[] = []

  beforeAll(async () => {
    mail = await startSmtpServer()
    const port = await freePort()
    publicUrl = `http://localhost:${port}`
    app = await startApp({
      database,
      env: {
        HOST: '0.0.0.0',
        ALERT_TARGETS_ALLOWED: '127.0.0.1',
        ALERT_BURST_MS: '300',
        ALERT_TIMEOUT_MS: '4000',
        ALERT_FAILURES: '3',
        ALERT_ATTEMPTS: '4',
        PORT: String(port),
        PUBLIC_URL: publicUrl,
        TRUSTED_PROXY_HOPS: '0',
        SMTP_URL: mail.url,
      },
    })
  })
  beforeEach(async () => {
    creator = await app.newCreator()
    call = alertsOf(app, creator.id)
  })
  afterEach(async () => {
    // Nothing of one test is sent during the next.
    await app.database.query(sql`delete from alert_targets where creator_id = ${creator.id}`)
    for (const receiver of receivers.splice(0)) await receiver[Symbol.asyncDispose]()
  })
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]()
    await mail?.[Symbol.asyncDispose]()
  })

  async function receiver(is?: 'webhook' | keyof typeof documented): Promise<Receiver> {
    const made = await startReceiver(is)
    receivers.push(made)
    return made
  }
  async function webhook(url: string): Promise<{ id: string; secret: string }> {
    const { status, json, text } = await call('POST', 'targets', { kind: 'webhook', url })
    if (status !== 201) throw new Error(text)
    return { id: json.target.id, secret: json.secret }
  }
  const deliveries = async (query = ''): Promise<AlertDelivery[]> =>
    (await call('GET', `deliveries${query}`)).json.deliveries
  const states = async () => (await deliveries()).map(({ state }) => state)
  const target = async () => (await call('GET', 'targets')).json.targets[0]
  /** What waits until later is due now. */
  const hurry = () =>
    app.database.query(sql`
      update alert_deliveries set next_at = clock_timestamp() where creator_id = ${creator.id} and state = 'waiting'`)

  test('[NOTIFY-2] an alert is a signed request with a stable id, and logged as sent', async () => {
    const there = await receiver()
    const { secret } = await webhook(`${there.url}/hook?x=1`)
    const id = await putAlert(app.database, creator.id, { words: 'Pin the bestseller' })
    await expect.poll(() => there.received.length).toBe(1)
    const [got] = there.received
    if (!got) throw new Error('nothing came')
    expect(got.path).toBe('/hook?x=1')
    expect(got.headers['webhook-id']).toBe(id)
    expect(isSigned(got, secret)).toBe(true)
    expect(isSigned({ ...got, body: Buffer.concat([got.body, Buffer.from(' ')]) }, secret)).toBe(
      false,
    )
    expect(got.json).toMatchObject({
      type: 'alert.fired',
      data: { id, creator_id: creator.id, title: 'Conversion low', severity: 'warning' },
    })
    expect(got.json.data.text).toBe('CTR 4.1% < 6% (1,204 product impressions)\nPin the bestseller')
    const episode = id.replace('.fired', '')
    expect(got.json.data.link).toBe(`${publicUrl}/c/${creator.id}/alerts?episode=${episode}`)
    await expect.poll(states).toEqual(['sent'])
    const [logged] = await deliveries()
    expect(logged).toMatchObject({
      target_kind: 'webhook',
      items: [{ id, title: 'Conversion low' }],
      attempts: [{ outcome: 'sent', status: 200, text: null }],
      next_at: null,
    })
    expect(await target()).toMatchObject({ state: 'ok', failures: 0, waiting: 0 })
  })

  test('[NOTIFY-2] an alert about a product names it', async () => {
    const there = await receiver()
    await webhook(there.url)
    const of = { creator_id: creator.id, session_id: 'live-1' }
    const event = { ...of, type: 'product_click', product_id: 'p1', user_id: 'u' }
    await app.post([{ ...event, id: 'click', properties: { product_name: 'Bear mug' } }])
    await putAlert(app.database, creator.id, { subject: 'p1' })
    await expect.poll(() => there.received[0]?.json.data.text ?? '').toContain('Bear mug: CTR 4.1%')
  })

  test('[NOTIFY-2] a rolled secret signs besides the new one for a day', async () => {
    const there = await receiver()
    const { id, secret } = await webhook(there.url)
    const rolled = (await call('POST', `targets/${id}/roll-secret`, {})).json.secret
    expect(rolled).toMatch(/^whsec_[\w+/]{43}=$/)
    expect(rolled).not.toBe(secret)
    await putAlert(app.database, creator.id)
    await expect.poll(() => there.received.length).toBe(1)
    const [got] = there.received
    expect(got && [isSigned(got, secret), isSigned(got, rolled)]).toEqual([true, true])
  })

  test('[NOTIFY-4] alerts that come together are one message for people, and one each for programs', async () => {
    const program = await receiver()
    await webhook(program.url)
    const services = { slack: await receiver('slack'), discord: await receiver('discord') }
    for (const [kind, { url }] of Object.entries(services))
      await call('POST', 'targets', { kind, url })
    const names = ['Conversion low', 'GMV down', 'Stock low']
    for (const name of names) await putAlert(app.database, creator.id, { name })
    await expect.poll(() => program.received.length).toBe(3)
    for (const { received } of Object.values(services)) {
      await expect.poll(() => received.length).toBe(1)
      const text = received[0]?.body.toString() ?? ''
      for (const name of names) expect(text).toContain(name)
      expect(text).toContain(`3 alerts for ${creator.id}`)
    }
    await expect.poll(states).toEqual(Array(5).fill('sent'))
    expect(Object.values(services).map(({ received }) => received.length)).toEqual([1, 1])
  })

  test('[NOTIFY-4] quiet hours hold an alert back, a hushed one is never sent, and targets are those of the rule', async () => {
    const [one, two] = [await receiver(), await receiver()]
    await webhook(one.url)
    const second = await webhook(two.url)
    await putAlert(app.database, creator.id, { hushed: 'muted' })
    const held = await putAlert(app.database, creator.id, { heldMs: 60_000 })
    const own = await putAlert(app.database, creator.id, {
      targets: [second.id, crypto.randomUUID()],
    })
    await expect.poll(() => two.received.length).toBe(1)
    expect(two.received[0]?.headers['webhook-id']).toBe(own)
    expect(one.received).toEqual([])
    await app.database.query(
      sql`update alert_outbox set held_until = clock_timestamp() where id = ${held}`,
    )
    await expect.poll(() => [one.received.length, two.received.length]).toEqual([1, 2])
    expect(one.received[0]?.headers['webhook-id']).toBe(held)
  })

  test('[NOTIFY-3] a failure is tried again under the same id, not before it is asked to, and a limit ends it', async () => {
    const there = await receiver()
    await webhook(there.url)
    there.answer = () => ({ status: 503, headers: { 'retry-after': '120' }, body: 'busy' })
    const id = await putAlert(app.database, creator.id)
    await expect.poll(async () => (await deliveries())[0]?.attempts.length).toBe(1)
    const [waiting] = await deliveries()
    expect(waiting).toMatchObject({
      state: 'waiting',
      attempts: [{ outcome: 'failed', status: 503, text: 'busy' }],
    })
    const waitMs = Date.parse(waiting?.next_at ?? '') - Date.now()
    expect(waitMs).toBeGreaterThan(100_000)
    expect(waitMs).toBeLessThanOrEqual(120_000)
    expect(await target()).toMatchObject({ state: 'failing', failures: 1, problem: 'busy' })
    there.answer = () => ({ status: 200 })
    await hurry()
    await expect.poll(states).toEqual(['sent'])
    expect(there.received.map(({ headers }) => headers['webhook-id'])).toEqual([id, id])
    expect(await target()).toMatchObject({ state: 'ok', failures: 0, problem: null })
  })

  test('[NOTIFY-3] a target that keeps failing is paused, tries with one delivery, and resumes', async () => {
    const there = await receiver()
    const { id } = await webhook(there.url)
    there.answer = () => ({ status: 500 })
    for (let n = 0; n < 5; n++) await putAlert(app.database, creator.id)
    await expect.poll(async () => (await target()).state, { timeout: 10_000 }).toBe('paused')
    expect(await target()).toMatchObject({ failures: 3, waiting: 5, problem: 'It answered 500.' })
    const before = there.received.length
    expect(before).toBe(3)
    await hurry()
    // A look that found something to do would have done it by then.
    await webhook((await receiver()).url)
    expect(there.received.length).toBe(before)
    const parts = async () => (await app.get('/readyz')).json.parts.alerts
    expect(await parts()).toMatchObject({ ok: true, detail: expect.stringContaining('1 target') })

    const over = () =>
      app.database.query(
        sql`update alert_targets set paused_until = clock_timestamp() where id = ${id}::uuid`,
      )
    await over()
    await expect.poll(async () => (await target()).failures).toBe(4)
    expect(there.received.length).toBe(before + 1)
    expect((await target()).state).toBe('paused')
    there.answer = () => ({ status: 204 })
    await hurry()
    await over()
    await expect.poll(async () => (await target()).state).toBe('ok')
    await expect.poll(states).toEqual(Array(5).fill('sent'))
    expect(await parts()).toBeUndefined()
  })

  test('[NOTIFY-3] 410 ends a target and drops what waits for it; turning it on again begins afresh', async () => {
    const there = await receiver()
    const { id } = await webhook(there.url)
    there.answer = () => ({ status: 410 })
    await putAlert(app.database, creator.id)
    await expect.poll(async () => (await target()).state).toBe('ended')
    await putAlert(app.database, creator.id)
    expect(await states()).toEqual(['failed'])
    there.answer = () => ({ status: 200 })
    await call('PATCH', `targets/${id}`, { enabled: true })
    await putAlert(app.database, creator.id)
    await expect.poll(states).toContain('sent')
    expect(await target()).toMatchObject({ state: 'ok' })
  })

  test('[NOTIFY-3] what a service refuses is final; a redirect and a hanging receiver are logged in words', async () => {
    const slack = await receiver('slack')
    slack.answer = () => ({ status: 404, body: 'no_team' })
    await call('POST', 'targets', { kind: 'slack', url: slack.url })
    await putAlert(app.database, creator.id)
    await expect.poll(states).toEqual(['failed'])
    expect((await deliveries())[0]?.attempts).toMatchObject([
      { outcome: 'refused', status: 404, text: 'no_team' },
    ])
    const there = await receiver()
    const { id } = await webhook(there.url)
    const tried = async () => (await call('POST', `targets/${id}/test`, {})).json.attempts[0]
    there.answer = () => ({ status: 302, headers: { location: 'http://127.0.0.1:1/' } })
    expect(await tried()).toMatchObject({
      outcome: 'refused',
      status: 302,
      text: expect.stringContaining('redirects are not followed'),
    })
    there.answer = () => undefined
    expect(await tried()).toMatchObject({ outcome: 'failed', text: 'It did not answer in time.' })
  })

  test('[NOTIFY-3] a hanging receiver delays no other target', async () => {
    const [slow, quick] = [await receiver(), await receiver()]
    slow.answer = () => undefined
    const hanging = await webhook(slow.url)
    await webhook(quick.url)
    for (let n = 0; n < 3; n++) await putAlert(app.database, creator.id)
    await expect.poll(() => quick.received.length).toBe(3)
    const ofSlow = await deliveries(`?target_id=${hanging.id}`)
    expect(ofSlow.map(({ state, attempts }) => [state, attempts])).toEqual(
      Array(3).fill(['waiting', []]),
    )
  })

  test('[NOTIFY-3] a test is sent once and shown with its outcome; a delivery can be sent again with its id', async () => {
    const there = await receiver()
    const { id } = await webhook(there.url)
    const tested = await call('POST', `targets/${id}/test`, {})
    expect(tested).toMatchObject({
      status: 200,
      json: { state: 'sent', items: [{ kind: 'test' }] },
    })
    there.answer = () => ({ status: 500, body: 'oops' })
    const failed = await call('POST', `targets/${id}/test`, {})
    expect(failed.json).toMatchObject({
      state: 'failed',
      attempts: [{ status: 500, text: 'oops' }],
    })
    there.answer = () => ({ status: 200 })
    const again = await call('POST', `deliveries/${failed.json.id}/resend`, {})
    expect(again.json).toMatchObject({ id: failed.json.id, state: 'waiting' })
    await expect.poll(() => there.received.length).toBe(3)
    const ids = there.received.map(({ headers }) => headers['webhook-id'])
    expect(ids[2]).toBe(ids[1])
    await expect.poll(states).toEqual(['sent', 'sent'])
    const pages = await call('GET', 'deliveries?limit=1')
    const next = await call('GET', `deliveries?limit=1&cursor=${pages.json.next_cursor}`)
    expect([pages, next].map(({ json }) => json.deliveries[0].id)).toEqual([
      failed.json.id,
      tested.json.id,
    ])
    const last = await call('GET', `deliveries?limit=1&cursor=${next.json.next_cursor}`)
    expect(last.json).toEqual({ deliveries: [], next_cursor: null })
  })

  test('[NOTIFY-2] e-mail goes to people with access, and ends with it', async () => {
    const stranger = await call('POST', 'targets', { kind: 'email', email: 'nobody@example.com' })
    expect(stranger).toMatchObject({ status: 400 })
    expect(stranger.text).toContain('Invite them first')
    const roles = [{ creatorId: creator.id, role: 'viewer' }] as const
    const user = await newUser(app.database, { roles })
    const added = await call('POST', 'targets', { kind: 'email', email: user.email.toUpperCase() })
    expect(added).toMatchObject({
      status: 201,
      json: { target: { address: user.name }, secret: null },
    })
    expect(await call('POST', 'targets', { kind: 'email', email: user.email })).toMatchObject({
      status: 409,
    })
    for (const name of ['GMV down', 'Stock low']) await putAlert(app.database, creator.id, { name })
    const letters = () => mail.letters.filter(({ to }) => to.includes(user.email))
    await expect.poll(() => letters().length).toBe(1)
    expect(letters()[0]?.raw).toContain(`Subject: 2 alerts for ${creator.id}`)
    await app.database.query(sql`delete from roles where user_id = ${user.id}::uuid`)
    await putAlert(app.database, creator.id)
    await expect.poll(async () => (await target()).state).toBe('ended')
    expect(letters()).toHaveLength(1)
  })

  test('[NOTIFY-5] a browser that subscribed can read what it is sent, and nobody else', async () => {
    const service = await receiver()
    const roles = [{ creatorId: creator.id, role: 'viewer' }] as const
    const viewer = await newUser(app.database, { roles })
    const own = alertsOf(app, creator.id, {
      cookie: viewer.cookie,
      'user-agent': 'X Firefox/1 Linux',
    })
    const { public_key } = (await own('GET', 'push')).json
    expect((await call('GET', 'push')).json.public_key).toBe(public_key)
    const browser = newBrowser(service.url)
    const added = await own('POST', 'push', browser.body)
    expect(added).toMatchObject({
      status: 201,
      json: {
        kind: 'push',
        name: 'Firefox on Linux',
        address: viewer.name,
        own: true,
        state: 'ok',
      },
    })
    const read = (n: number) => {
      const got = service.received[n]
      if (!got) throw new Error('nothing came')
      return browser.read(got, public_key)
    }
    expect(read(0)).toMatchObject({
      title: '🔔 Test notification',
      path: `/settings/notifications?creator=${creator.id}`,
    })
    await putAlert(app.database, creator.id, { severity: 'critical', episode: 'e'.repeat(32) })
    await expect.poll(() => service.received.length).toBe(2)
    expect(read(1)).toMatchObject({
      title: '🚨 Conversion low',
      tag: 'e'.repeat(32),
      urgency: 'high',
      ttl: '3600',
      claims: { sub: 'mailto:noreply@localhost' },
    })
    expect(service.received[1]?.body.includes('Conversion')).toBe(false)

    // The same browser again is no second one; one of somebody else is not theirs to remove.
    expect((await own('POST', 'push', browser.body)).status).toBe(201)
    expect((await call('GET', 'targets')).json.targets).toMatchObject([{ own: false }])
    const { id } = await target()
    expect((await call('DELETE', `push/${id}`)).status).toBe(404)
    expect((await own('DELETE', `push/${id}`)).status).toBe(204)
  })

  test.each([404, 410])(
    '[NOTIFY-5] %i of its push service removes a subscription',
    async (status) => {
      const service = await receiver()
      const browser = newBrowser(service.url)
      expect((await call('POST', 'push', browser.body)).status).toBe(201)
      service.answer = () => ({ status })
      await putAlert(app.database, creator.id)
      await expect.poll(target).toBeUndefined()
      // One that is gone from the beginning is not kept either.
      expect((await call('POST', 'push', newBrowser(service.url).body)).status).toBe(400)
      expect(await target()).toBeUndefined()
    },
  )

  test('[NOTIFY-5] who lost access is no longer notified, and a key that is none is refused', async () => {
    const service = await receiver()
    const roles = [{ creatorId: creator.id, role: 'operator' }] as const
    const user = await newUser(app.database, { roles })
    const own = alertsOf(app, creator.id, { cookie: user.cookie })
    await own('POST', 'push', newBrowser(service.url).body)
    await app.database.query(sql`delete from roles where user_id = ${user.id}::uuid`)
    await putAlert(app.database, creator.id)
    await expect.poll(target).toBeUndefined()
    expect(service.received).toHaveLength(1)
    const { body } = newBrowser(service.url)
    const keys = { ...body.keys, p256dh: Buffer.alloc(65, 4).toString('base64url') }
    expect((await call('POST', 'push', { ...body, keys })).status).toBe(400)
    expect(service.received).toHaveLength(1)
  })
})
