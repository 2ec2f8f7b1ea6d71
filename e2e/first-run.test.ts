import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { launchBrowser } from '../scripts/browser.ts'
import { browserPath } from '../scripts/test/backends.ts'
import { startApp } from '../server/test/harness.ts'
import { startTikTok } from '../server/test/tiktok-live.ts'

const ROOM = '7500000000000000001'

describe.skipIf(!browserPath())('a first run in a browser', () => {
  test.each(['@Mira', 'https://www.tiktok.com/@mira/live?_r=1'])(
    '[PAGE-2] from nothing to a LIVE by %s in at most 6 clicks, without an ID or a command',
    async (entered) => {
      await using tiktok = await startTikTok()
      tiktok.rooms.set('mira', null)
      await using app = await startApp({
        env: { ...tiktok.env, SOURCES_INTERVAL_MS: '100', TIKTOK_POLL_MS: '1000' },
      })
      await using browser = await launchBrowser()
      const page = await browser.newPage()
      const clicks = await countClicks(page)
      await page.goto(app.url)
      await page.getByRole('heading', { name: 'Connect your TikTok' }).waitFor()
      expect(await page.getByTestId('first-events').isVisible()).toBe(false)
      await page.getByRole('textbox', { name: 'TikTok handle or link' }).click()
      await page.keyboard.type(entered)
      await page.getByRole('button', { name: 'Connect', exact: true }).click()

      await page.getByRole('heading', { name: 'Waiting for @mira to go LIVE' }).waitFor()
      await page.getByText('We check every second.').waitFor()
      expect(new URL(page.url()).pathname).toBe('/c/mira')
      expect(await page.getByText('curl').count()).toBe(0)
      const steps = page.getByTestId('checklist').getByRole('listitem')
      await expect
        .poll(() => steps.evaluateAll((all) => all.map((one) => one.dataset.done)))
        .toEqual(['true', 'false', 'false'])
      await page.getByRole('button', { name: 'Send a test event' }).click()
      await page.getByText('It arrived on this screen after').waitFor()
      expect(await clicks()).toBeLessThanOrEqual(6)

      tiktok.rooms.set('mira', { id: ROOM })
      await page.locator('[data-metric=gmv]').first().waitFor({ timeout: 20_000 })
      expect(await clicks()).toBeLessThanOrEqual(6)
      expect(tiktok.flaws).toEqual([])
    },
  )

  test('[PAGE-2] input without a handle is reported before anything is created, a handle unknown to TikTok afterwards', async () => {
    await using tiktok = await startTikTok()
    await using app = await startApp({ env: { ...tiktok.env, SOURCES_INTERVAL_MS: '100' } })
    await using browser = await launchBrowser()
    const page = await browser.newPage()
    await page.goto(app.url)
    const field = page.getByRole('textbox', { name: 'TikTok handle or link' })
    await field.fill('https://vm.tiktok.com/ZM8abcde/')
    await field.press('Enter')
    await page.getByRole('alert').getByText('This short link doesn’t show the handle.').waitFor()
    expect((await app.get('/api/v1/creators')).json.creators).toEqual([])
    await field.fill('@nobody_here')
    await field.press('Enter')
    await page.getByText('TikTok doesn’t know this handle.').waitFor({ timeout: 20_000 })
  })

  test('[PAGE-2] the checklist can be hidden, brought back from the menu, and used to set a goal', async () => {
    await using app = await startApp()
    const { id } = await app.newCreator({ currency: 'USD' })
    await using browser = await launchBrowser()
    const page = await browser.newPage()
    await page.goto(`${app.url}/c/${id}`)
    const list = page.getByTestId('checklist')
    await list.getByRole('button', { name: 'Hide' }).click()
    await list.waitFor({ state: 'detached' })
    await page.reload()
    await page.getByTestId('no-live').getByRole('heading', { name: 'No LIVE yet' }).waitFor()
    expect(await list.count()).toBe(0)
    await page.getByLabel('Menu of').click()
    await page.getByRole('button', { name: 'Setup checklist' }).click()
    const again = page.getByRole('dialog', { name: 'Setup checklist' }).getByTestId('checklist')
    await again.getByRole('button', { name: 'Set a goal' }).click()
    // Where one writes has the focus, not what closes the dialog.
    await page.keyboard.type('20000000000')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('Enter an amount from $0.01 to').waitFor()
    await page.getByRole('spinbutton', { name: 'Amount in USD' }).fill('5000')
    await page.keyboard.press('Enter')
    await again.locator('[data-step=goal][data-done=true]').waitFor()
    const { json } = await app.get(`/api/v1/creators/${id}/goal`)
    expect(json.goal).toMatchObject({ metric: 'gmv', target: 500_000, session_id: null })
  })
})

/** How often something was clicked, over all addresses. */
async function countClicks(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(`addEventListener('click', () => {
    sessionStorage.setItem('clicks', Number(sessionStorage.getItem('clicks')) + 1)
  }, true)`)
  return async () => Number(await page.evaluate(`sessionStorage.getItem('clicks')`))
}
