import type { BrowserContext, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { browserPath } from '../scripts/test/backends.ts'
import { oneTimeCode } from './one-time-code.ts'
import { type ServerProcess, serverProcess } from './server-process.ts'
import { developerForm, sharedBrowser } from './site.ts'

const anna = { name: 'Anna', email: 'anna@example.com', password: 'violet teapot orbit' }
const ben = { name: 'Ben', email: 'ben@example.com', password: 'green lantern walks' }

describe.skipIf(!browserPath())('settings in a browser', () => {
  test('[ACCESS-13][ACCESS-8] the first owner invites a viewer, makes a key and revokes it, and the audit log shows it', async () => {
    await using server = await openServer()
    await using browser = await sharedBrowser()
    await using context = await browser.newContext()
    const page = await becomeOwner(context, server)
    await addCreator(page, 'Shop A')

    await toSettings(page)
    await page.getByRole('link', { name: 'Team' }).click()
    await page.getByRole('button', { name: 'Invite someone' }).click()
    await page.getByLabel('E-mail').fill(ben.email)
    await page.getByLabel('Creator').selectOption({ label: 'Shop A' })
    await page.getByRole('button', { name: 'Create invitation' }).click()
    const invitation = await page.getByLabel('Invitation link').inputValue()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: `Withdraw the invitation for ${ben.email}` }).waitFor()
    expect(await page.locator(':focus').innerText()).toBe('Invite someone')

    await using invited = await browser.newContext()
    const his = await invited.newPage()
    await his.goto(invitation)
    await his.getByText('is invited as viewer of Shop A').waitFor()
    await his.getByLabel('Your name').fill(ben.name)
    await his.getByLabel('Password', { exact: true }).fill(ben.password)
    await his.getByRole('button', { name: 'Accept' }).click()
    await toSettings(his)
    expect(await his.getByRole('navigation').getByRole('link').allTextContents()).toEqual([
      'Profile',
      'Sign-ins',
      'Sources',
      'Notifications',
    ])
    await his.goto(`${server.url}/settings/team`)
    await his.getByText('This page is for people who manage a creator').waitFor()
    expect(await his.getByText(anna.email).count()).toBe(0)

    await page.getByRole('link', { name: 'API keys' }).click()
    await page.getByRole('button', { name: 'New key' }).click()
    await page.getByLabel('Name').fill('shop bridge')
    await page.getByRole('button', { name: 'Create key' }).click()
    const key = await page.getByLabel('API key', { exact: true }).inputValue()
    expect(key).toMatch(/^cf_live_/)
    await page.getByRole('button', { name: 'I’ve saved it' }).click()
    await page.getByRole('button', { name: 'Revoke the key shop bridge' }).waitFor()
    expect(await page.content()).not.toContain(key)
    expect((await sendNothing(server, key)).status).toBe(200)
    await page.getByRole('button', { name: 'Revoke the key shop bridge' }).click()
    await page.getByRole('button', { name: 'Revoke key', exact: true }).click()
    await page.getByText('No active keys.').waitFor()
    expect((await sendNothing(server, key)).status).toBe(401)

    await page.getByRole('link', { name: 'Audit log' }).click()
    const entries = page.getByRole('listitem').filter({ has: page.locator('time') })
    await entries.first().waitFor()
    const told = (await entries.allInnerTexts()).map((text) => text.replace(/\s+/g, ' '))
    for (const sentence of [
      'Anna became owner of all creators',
      'Anna invited Ben as viewer of Shop A',
      'Ben accepted the invitation as viewer of Shop A',
      'Anna created the key “shop bridge” for Shop A: send events',
      'Anna revoked the key “shop bridge”',
    ]) {
      expect(told).toContainEqual(expect.stringContaining(sentence))
    }
    await page.getByLabel('Action').selectOption({ label: 'Key revoked' })
    await expect.poll(() => entries.count()).toBe(1)
    expect(page.url()).toContain('action=api_key.revoked')

    const kept = (await keptBy(page)) + (await keptBy(his))
    const token = new URL(invitation).hash.split('=')[1] ?? ''
    for (const secret of [anna.password, ben.password, key, token]) {
      expect(secret.length).toBeGreaterThan(9)
      expect(kept).not.toContain(secret)
    }
  })

  test('[ACCESS-13][ACCESS-9] the second factor is turned on with a QR code and required from then on', async () => {
    await using server = await openServer()
    await using browser = await sharedBrowser()
    await using context = await browser.newContext()
    const page = await becomeOwner(context, server)
    await toSettings(page)
    await page.getByRole('button', { name: 'Turn on' }).click()
    await page.getByLabel('Your password', { exact: true }).fill(anna.password)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('img', { name: 'QR code' }).waitFor()
    const secret = await page.getByLabel('Or enter this secret in the app').inputValue()
    await page.getByLabel('Code', { exact: true }).fill(oneTimeCode(secret, Date.now()))
    await page.getByRole('button', { name: 'Confirm' }).click()
    const codes = await page.getByRole('textbox', { name: 'Recovery codes' }).inputValue()
    await page.getByRole('button', { name: 'I’ve saved them' }).click()
    await page.getByText('10 recovery codes left').waitFor()

    await page.getByLabel('Menu of Anna').click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await signIn(page)
    await page.getByLabel('Code', { exact: true }).fill(codes.split('\n')[0] ?? '')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await toSettings(page)
    const kept = await keptBy(page)
    for (const told of [secret, ...codes.split('\n'), anna.password]) {
      expect(kept).not.toContain(told)
    }
    await page.getByText('9 recovery codes left').waitFor()
  })

  async function openServer(): Promise<ServerProcess> {
    // On a loopback address whoever opens the page is the owner already.
    const server = await serverProcess({ HOST: '0.0.0.0' })
    await server.start()
    return server
  }

  async function becomeOwner(context: BrowserContext, server: ServerProcess): Promise<Page> {
    const link = () => /http\S+\/welcome#token=\S+/.exec(server.output)?.[0]
    await expect.poll(link, { timeout: 20_000 }).toBeTruthy()
    const page = await context.newPage()
    await page.goto(link() ?? '')
    await page.getByLabel('Your name').fill(anna.name)
    expect(page.url()).not.toContain('token')
    await page.getByLabel('E-mail').fill(anna.email)
    await page.getByLabel('Password', { exact: true }).fill(anna.password)
    await page.getByRole('button', { name: 'Create owner account' }).click()
    await page.getByTestId('menu').waitFor()
    return page
  }

  async function addCreator(page: Page, name: string): Promise<void> {
    const form = await developerForm(page)
    await form.getByRole('textbox', { name: 'Name', exact: true }).fill(name)
    await form.getByRole('button', { name: 'Create' }).click()
    await page.getByTestId('no-live').waitFor()
  }

  async function toSettings(page: Page): Promise<void> {
    await page.getByLabel(/^Menu of/).click()
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('heading', { name: 'Profile' }).waitFor()
  }

  async function signIn(page: Page): Promise<void> {
    await page.getByLabel('E-mail').fill(anna.email)
    await page.getByLabel('Password', { exact: true }).fill(anna.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  function sendNothing(server: ServerProcess, key: string): Promise<Response> {
    return fetch(`${server.url}/api/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: '[]',
    })
  }
})

/** All that a page leaves in its browser and that a script of it can read. */
function keptBy(page: Page): Promise<string> {
  // As text: the names in it are the browser's, which this side does not know.
  return page.evaluate<string>(`(async () => JSON.stringify([
    { ...localStorage }, { ...sessionStorage }, document.cookie, location.href, history.state,
    await indexedDB.databases(), await caches.keys(),
  ]))()`)
}
