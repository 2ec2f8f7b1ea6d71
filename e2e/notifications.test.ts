import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { browserPath } from '../scripts/test/backends.ts'
import {
  newBrowser,
  type TestBrowser,
} from '../server/src/features/notifications/test/push-service.ts'
import { startReceiver } from '../server/src/features/notifications/test/services.ts'
import { startApp } from '../server/test/harness.ts'
import { sharedBrowser } from './site.ts'

/** A creator's page of notifications, and something that is sent to. */
async function openPage(prepare?: (page: Page) => Promise<void>) {
  const receiver = await startReceiver()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  const app = await startApp({ env: { ALERT_TARGETS_ALLOWED: '127.0.0.1' } })
  onTestFinished(() => app[Symbol.asyncDispose]())
  const { id } = await app.newCreator()
  const browser = await sharedBrowser()
  onTestFinished(() => browser.close())
  const context = await browser.newContext({
    viewport: { width: 1366, height: 768 },
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  await prepare?.(page)
  await page.goto(`${app.url}/settings/notifications?creator=${id}`)
  await page.getByText('No targets yet').waitFor()
  return { app, id, page, receiver }
}

/** What a browser's own push service would answer: these pages reach none. */
const subscribing = (
  { body }: TestBrowser,
  permission: string,
) => `PushManager.prototype.getSubscription = async () => null
  PushManager.prototype.subscribe = async ({ userVisibleOnly }) => {
    if (!userVisibleOnly) throw new Error('refused')
    return { toJSON: () => (${JSON.stringify(body)}) }
  }
  globalThis.asked = 0
  // A browser without a window denies it from the beginning.
  let permission = 'default'
  Object.defineProperty(Notification, 'permission', { get: () => permission })
  Notification.requestPermission = async () => {
    asked++
    return (permission = '${permission}')
  }`

describe.skipIf(!browserPath())('notifications in a browser', () => {
  test('[NOTIFY-1][NOTIFY-3] a target is added by keyboard, tested, and its deliveries are shown and sent again', async () => {
    const { page, receiver } = await openPage()
    await page.getByRole('button', { name: 'Add a target' }).first().focus()
    await page.keyboard.press('Enter')
    await page.getByRole('textbox', { name: 'URL' }).fill('https://10.0.0.1/x')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByRole('alert').getByText('not public').waitFor()
    await page.getByRole('textbox', { name: 'URL' }).fill(`${receiver.url}/canary-path`)
    await page.getByRole('textbox', { name: 'Name' }).fill('Warehouse')
    await page.keyboard.press('Enter')
    await expect
      .poll(() => page.getByRole('textbox', { name: 'Signing secret' }).inputValue())
      .toMatch(/^whsec_/)
    await page.getByRole('button', { name: 'Done' }).click()

    const target = page.getByTestId('target')
    await target.getByRole('button', { name: 'Send test' }).click()
    await target.getByText('Working').waitFor()
    const rows = page.getByRole('table', { name: 'Deliveries' }).getByRole('row')
    await expect.poll(() => rows.nth(1).innerText()).toMatch(/Test notification[\s\S]*Sent/)

    receiver.answer = () => ({ status: 500, body: 'out of paper' })
    await target.getByRole('button', { name: 'Send test' }).click()
    await target.getByRole('alert').getByText('HTTP 500: out of paper').waitFor()
    await rows.nth(1).getByText('HTTP 500').waitFor()
    receiver.answer = () => ({ status: 200 })
    await rows.nth(1).getByRole('button', { name: 'Send again' }).click()
    await expect.poll(() => receiver.received.length, { timeout: 10_000 }).toBe(3)
    expect(receiver.received[2]?.headers['webhook-id']).toBe(
      receiver.received[1]?.headers['webhook-id'],
    )
    await expect.poll(() => rows.nth(1).innerText(), { timeout: 10_000 }).toContain('Sent')
    expect(await page.content()).not.toContain('canary-path')

    await target.getByRole('button', { name: 'Replace secret' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Replace secret' }).click()
    await page.getByRole('dialog', { name: 'New signing secret' }).waitFor()
    await page.keyboard.press('Escape')
    await target.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove target' }).click()
    await page.getByText('No targets yet').waitFor()
  }, 60_000)

  test('[NOTIFY-5] a browser is asked by a click only, and then gets what it can read', async () => {
    let own: TestBrowser | undefined
    const service = await startReceiver()
    onTestFinished(() => service[Symbol.asyncDispose]())
    const { app, id, page } = await openPage(async (page) => {
      own = newBrowser(service.url)
      await page.addInitScript(subscribing(own, 'granted'))
    })
    expect(await page.evaluate('asked')).toBe(0)
    expect(
      await page.evaluate('navigator.serviceWorker.getRegistrations().then((all) => all.length)'),
    ).toBe(0)
    await page.getByRole('button', { name: 'Turn on notifications here' }).click()
    await page.getByRole('button', { name: 'Turn off notifications here' }).waitFor()
    await page.getByTestId('target').getByText('Push notification').waitFor()
    expect(await page.evaluate('asked')).toBe(1)

    const [got] = service.received
    const { public_key } = (await app.get(`/api/v1/creators/${id}/alerts/push`)).json
    if (!got || !own) throw new Error('nothing was sent')
    expect(own.read(got, public_key)).toMatchObject({ title: '🔔 Test notification' })
    expect(
      await page.evaluate('navigator.serviceWorker.ready.then((it) => it.active.scriptURL)'),
    ).toBe(`${app.url}/push-worker.js`)

    await page.getByRole('button', { name: 'Turn off notifications here' }).click()
    await page.getByText('No targets yet').waitFor()
  }, 60_000)

  test('[NOTIFY-5] who says no is told what to do', async () => {
    const { page } = await openPage(async (page) => {
      await page.addInitScript(subscribing(newBrowser('https://push.example.com'), 'default'))
    })
    await page.getByRole('button', { name: 'Turn on notifications here' }).click()
    await page.getByRole('alert').getByText('choose Allow').waitFor()
  }, 60_000)
})
