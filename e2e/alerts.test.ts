import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { axeFindings } from './axe.ts'
import { serverProcess } from './server-process.ts'
import { describeInBrowser } from './site.ts'

const creator = 'watched'

describeInBrowser('alerts', (site) => {
  let sent = 0
  const event = (type: string, more: object = {}) => ({
    id: `a${++sent}`,
    type,
    creator_id: creator,
    session_id: 'now',
    ...more,
  })
  const views = (quantity: number) => event('viewer_joined', { quantity })
  const clicks = (quantity: number) => event('product_click', { product_id: 'p', quantity })
  const toasts = (page: Page) => page.getByTestId('toasts')

  test('[PAGE-18] a rule is made from a tile by keyboard, fires, is acknowledged and recovers; all of it is in the history', async () => {
    await site.newCreator(creator)
    await site.send([event('live_started'), views(200), clicks(20)])
    await using page = await site.open(`/c/${creator}`, { bypassCSP: true })
    await page.getByTestId('crowd').waitFor()
    await page.getByRole('link', { name: 'Create alert rule for CTR' }).focus()
    await page.keyboard.press('Enter')

    // A threshold that the LIVE is not past now.
    const form = page.getByTestId('rule-form')
    const field = (name: string) => form.getByLabel(name, { exact: true })
    await expect.poll(() => field('Threshold (%)').inputValue()).toBe('7')
    await field('How long (min)').fill('0')
    await field('Severity').focus()
    await page.keyboard.press('c')
    await field('What to do').fill('Show the product again.')
    await form.getByText('More options').focus()
    await page.keyboard.press('Enter')
    await field('Keep firing for (min)').fill('0')
    await field('Minimum sample').fill('100')
    await field('Recovery threshold (%)').fill('5')
    await page.keyboard.press('Enter')
    // What is wrong is said at its field, which has the focus.
    const back = field('Recovery threshold (%)')
    await expect.poll(() => back.getAttribute('aria-invalid')).toBe('true')
    await expect
      .poll(() => page.evaluate('document.activeElement.ariaLabel'))
      .toBe('Recovery threshold (%)')
    await form.getByText('It must recover at or above the threshold').waitFor()
    await back.fill('9')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'CTR: too low' }).waitFor()

    await page.getByRole('link', { name: 'Cockpit' }).click()
    await page.getByTestId('crowd').waitFor()
    await site.send([views(1_000)])
    await expect.poll(() => toasts(page).innerText(), { timeout: 15_000 }).toContain('CTR: too low')
    expect(await toasts(page).innerText()).toMatch(/CTR 1\.7%, below 7\.0% \(1,200 views\)/)
    expect(await toasts(page).innerText()).toContain('Show the product again.')
    await page.locator('[data-tile=ctr] [data-alert=critical]').waitFor()
    await page.getByTestId('critical-frame').waitFor()
    await expect.poll(() => page.title()).toContain('CTR: too low')
    await expect.poll(() => page.getByTestId('alert-count').innerText()).toContain('1')
    expect(await axeFindings(page)).toEqual([])

    // Silenced from the toast, and taken back there.
    await toasts(page).getByRole('button', { name: 'Silence' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Silence', exact: true }).click()
    await toasts(page)
      .getByText(/^Silenced “CTR: too low” until/)
      .waitFor()
    await toasts(page).getByRole('button', { name: 'Undo' }).click()
    await toasts(page)
      .getByText(/^Silenced/)
      .waitFor({ state: 'detached' })
    await toasts(page).getByRole('button', { name: 'Acknowledge' }).click()
    await expect.poll(() => page.getByTestId('alert-count').count()).toBe(0)
    await expect.poll(() => page.getByTestId('critical-frame').count()).toBe(0)
    await expect.poll(() => toasts(page).count()).toBe(0)

    await site.send([clicks(500)])
    await expect
      .poll(() => toasts(page).innerText(), { timeout: 15_000 })
      .toContain('Recovered: CTR: too low')
    await expect.poll(() => page.locator('[data-tile=ctr] [data-alert]').count()).toBe(0)

    await page.getByRole('link', { name: 'Alerts' }).click()
    const row = page.getByRole('row').filter({ hasText: 'CTR: too low' })
    await row.waitFor()
    const said = await row.innerText()
    expect(said).toMatch(/CTR 1\.7%, below 7\.0%/)
    expect(said).toMatch(/CTR 43\.3%, above 9\.0%/)
    expect(said).not.toContain('Nobody')
    await row.getByRole('link', { name: /^Replay/ }).click()
    await page.getByTestId('seq').waitFor({ state: 'attached' })
  })

  test('[PAGE-18] a rule is turned off with one click, silenced, deleted, and brought back', async () => {
    await using page = await site.open(`/c/${creator}/alerts/rules`)
    const stops = page.getByRole('switch', { name: 'Orders stop' })
    await stops.click()
    await expect.poll(() => stops.getAttribute('aria-checked')).toBe('false')
    await stops.click()
    await expect.poll(() => stops.getAttribute('aria-checked')).toBe('true')
    await page.getByRole('button', { name: 'Silence Orders stop' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Silence', exact: true }).click()
    await page.getByRole('button', { name: 'End silence of Orders stop' }).waitFor()
    const undo = page.getByRole('button', { name: 'Undo' })
    await undo.click()
    await page.getByRole('button', { name: 'Silence Orders stop' }).click()
    // Owners can mute a rule for good, in the same place.
    await page
      .getByRole('dialog')
      .getByLabel('For', { exact: true })
      .selectOption('Until I unmute it')
    await page.getByRole('dialog').getByRole('button', { name: 'Mute' }).click()
    await page.getByRole('button', { name: 'Unmute Orders stop' }).click()
    await page.getByRole('button', { name: 'Silence Orders stop' }).waitFor()

    const rule = page.getByRole('link', { name: 'Viewers leave' })
    const address = await rule.getAttribute('href')
    await page.getByRole('button', { name: 'Delete Viewers leave' }).click()
    await undo.waitFor()
    expect(await page.getByRole('switch', { name: 'Viewers leave' }).count()).toBe(0)
    await undo.click()
    await page.getByRole('switch', { name: 'Viewers leave' }).waitFor()
    expect(await rule.getAttribute('href')).toBe(address)
    // What fired in the test before.
    const noise = page.getByTestId('noise').getByRole('row').filter({ hasText: 'CTR: too low' })
    expect(await noise.innerText()).toContain('100%')
  })

  test('[PAGE-18] viewers see alerts, operators acknowledge and silence, owners edit rules', async () => {
    // On a loopback address whoever opens the page is the owner.
    await using elsewhere = await serverProcess({ HOST: '0.0.0.0', WATCH_INTERVAL_MS: '200' })
    await elsewhere.start()
    const post = async (path: string, body: object, cookie = '') => {
      const made = await fetch(`${elsewhere.url}/api/v1/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie },
        body: JSON.stringify(body),
      })
      const text = await made.text()
      expect(made.ok, `${path}: ${text}`).toBe(true)
      return {
        json: JSON.parse(text || '{}'),
        cookie: made.headers.getSetCookie()[0]?.split(';')[0] ?? '',
      }
    }
    const password = 'vier blaue Fahrraeder'
    const tokenIn = (text: string) => /#token=([\w-]+)/.exec(text)?.[1]
    const token = tokenIn(elsewhere.output)
    const mira = { token, name: 'Mira', email: 'mira@example.com', password }
    const owner = (await post('welcome', mira)).cookie
    await post('creators', { id: 'mira', name: 'Mira', time_zone: 'UTC', currency: 'USD' }, owner)
    const { key } = (
      await post('api-keys', { name: 'k', creator_id: 'mira', scopes: ['ingest:write'] }, owner)
    ).json
    const condition = { kind: 'below', metric: 'ctr', subject: { of: 'live' }, fires_at: 0.9 }
    await post('creators/mira/alerts/rules', { name: 'Low', condition, for_seconds: 0 }, owner)
    await fetch(`${elsewhere.url}/api/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify([
        event('live_started', { creator_id: 'mira' }),
        { ...views(900), creator_id: 'mira' },
      ]),
    })

    const invited = async (role: string) => {
      const email = `${role}@example.com`
      const sent = await post('invitations', { email, creator_id: 'mira', role }, owner)
      const accepted = { token: tokenIn(sent.json.url), name: role, password }
      return (await post('invitations/accept', accepted)).cookie
    }
    /** The actions that a page offers, without those of navigation. */
    const offered = async (cookie: string) => {
      const page = await site.browser.newPage({ reducedMotion: 'reduce' })
      const [name = '', value = ''] = cookie.split('=')
      await page.context().addCookies([{ name, value, url: elsewhere.url }])
      await page.goto(`${elsewhere.url}/c/mira/alerts`)
      await page.locator('[data-episode]').first().waitFor()
      const count = (button: string | RegExp) => page.getByRole('button', { name: button }).count()
      const answers = [await count('Acknowledge Low'), await count('Silence Low')]
      await page.goto(`${elsewhere.url}/c/mira/alerts/rules`)
      await page.getByRole('link', { name: 'Low', exact: true }).first().waitFor()
      const edits = [await count('Silence Low'), await count('Delete Low')]
      const switches = await page.getByRole('switch', { name: 'Low', exact: true }).count()
      await page.close()
      return [...answers, ...edits, switches]
    }
    expect(await offered(await invited('viewer'))).toEqual([0, 0, 0, 0, 0])
    expect(await offered(await invited('operator'))).toEqual([1, 1, 1, 0, 0])
    expect(await offered(owner)).toEqual([1, 1, 1, 1, 1])
  })
})
