import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { describeInBrowser } from './site.ts'

const VERSION = '**/_app/version.json'
const NO_PAGE = 'Page not found'

/** Counts page loads and version checks. */
function counted(page: Page) {
  const count = { loads: 0, looks: 0 }
  page.on('request', (request) => {
    if (request.isNavigationRequest()) count.loads++
    if (request.url().endsWith('/_app/version.json')) count.looks++
  })
  return count
}

/** The tab was hidden for a moment. */
const comeBack = `document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))`

/** As if a newer build had replaced this one. */
const newerBuild = (page: Page) =>
  page.route(VERSION, (route) => route.fulfill({ json: { version: 'newer' } }))

describeInBrowser('the built pages', (site) => {
  test.each(['/nope', '/c/demo/nope', '/settings/nope', '/documents'])(
    '[PAGE-8] %s says once that there is no such page',
    async (path) => {
      await using page = await site.browser.newPage()
      const count = counted(page)
      const answer = await page.goto(site.server.url + path)
      expect(answer?.status()).toBe(404)
      await page.getByRole('heading', { name: NO_PAGE }).waitFor()
      await page.waitForLoadState('networkidle')
      expect(count.loads).toBe(1)
      expect(new URL(page.url()).pathname).toBe(path)
    },
  )

  test('[PAGE-8] a creator that does not exist is reported once, with a link home', async () => {
    await using page = await site.browser.newPage()
    const count = counted(page)
    await page.goto(`${site.server.url}/c/missing-creator`)
    await page.getByRole('heading', { name: 'Can’t show this creator' }).waitFor()
    await page
      .getByTestId('cockpit')
      .locator('section')
      .getByRole('link', { name: 'All creators' })
      .click()
    await expect.poll(() => new URL(page.url()).pathname).toBe('/')
    expect(count.loads).toBe(1)
  })

  test('[PAGE-8] without a newer build, neither coming back nor an idle hour does anything', async () => {
    await using page = await site.browser.newPage()
    await page.clock.install()
    const count = counted(page)
    await page.goto(site.server.url)
    await page.getByRole('heading').first().waitFor()
    await page.evaluate(comeBack)
    await expect.poll(() => count.looks).toBe(1)
    const looksAgain = async () => {
      await page.clock.fastForward('05:01')
      return count.looks
    }
    await expect.poll(looksAgain).toBeGreaterThan(5)
    await page.clock.runFor(30_000)
    expect(await page.getByTestId('new-release').count()).toBe(0)
    expect(count.loads).toBe(1)
  })

  test('[PAGE-8] a newer build is announced, and loaded once when nobody uses the page', async () => {
    await using page = await site.browser.newPage()
    await page.clock.install()
    const count = counted(page)
    await page.goto(site.server.url)
    await page.getByRole('heading').first().waitFor()
    await newerBuild(page)
    await page.evaluate(comeBack)
    await page.getByTestId('new-release').waitFor()
    expect(count.loads).toBe(1)

    await page.clock.fastForward('06:00')
    await expect.poll(() => count.loads).toBe(2)
    await page.getByRole('heading').first().waitFor()
    const looks = count.looks
    await page.evaluate(comeBack)
    await page.clock.runFor(30_000)
    expect({ looks: count.looks, loads: count.loads }).toEqual({ looks, loads: 2 })
  })

  test('[PAGE-8] a page with a missing file reloads once, even next to a server of another release', async () => {
    await using page = await site.browser.newPage()
    await page.goto(site.server.url)
    await page.getByRole('heading').first().waitFor()
    await newerBuild(page)
    // Files of pages other than this one: the layout and the error page are 0 and 1.
    await page.route(/\/nodes\/(?![01]\.)\d+\./, (route) => route.fulfill({ status: 404 }))
    const count = counted(page)
    await page.getByRole('button', { name: /^Menu of/ }).click()
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('heading', { name: 'Something went wrong' }).waitFor()
    await page.evaluate(comeBack)
    await page.waitForLoadState('networkidle')
    expect(count.loads).toBe(1)
  })
})
