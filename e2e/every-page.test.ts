import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { axeFindings } from './axe.ts'
import { addressOf, fillPages, routes } from './every-page.ts'
import { describeInBrowser } from './site.ts'

const sizes = [
  ['a TV', { width: 1920, height: 1080 }],
  ['a laptop', { width: 1366, height: 768 }],
  ['a phone', { width: 390, height: 844 }],
] as const

/** All operations of the reference are drawn alike, and there are many: what else is left out before axe looks. */
const alikeOn: Readonly<Record<string, string>> = {
  '/docs': 'main > :not(h1, #start, #errors, #socket, #about-events)',
}

describeInBrowser('every page', (site) => {
  let page: Page
  beforeAll(async () => {
    await fillPages(site)
    // Also what moves would be in the middle of it when axe looks.
    page = await site.open('/', { reducedMotion: 'reduce', bypassCSP: true })
  })
  afterAll(() => page?.close())

  test.each(['/c/fresh', '/c/past', '/c/missing-creator', ...routes().map(addressOf)])(
    '[PAGE-5] axe finds no problem on %s, light and dark, on a TV, a laptop and a phone',
    async (address) => {
      await page.goto(site.server.url + address)
      await page.getByRole('heading').first().waitFor()
      await page.waitForLoadState('networkidle')
      const alike = alikeOn[address]
      if (alike) {
        await page.evaluate(`document.querySelectorAll('${alike}').forEach((one) => one.remove())`)
        expect(await page.locator('main > section').count()).toBe(4)
      }
      expect(await findingsBySize()).toEqual({})
    },
  )

  test('[PAGE-17] nor does it in the choice of tiles', async () => {
    await page.goto(`${site.server.url}/c/told`)
    await page.getByTestId('choose-tiles').click()
    await page.getByRole('dialog').waitFor()
    expect(await findingsBySize()).toEqual({})
  })

  async function findingsBySize(): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {}
    for (const [size, viewport] of sizes) {
      await page.setViewportSize(viewport)
      const problems = await axeFindings(page)
      if (problems.length > 0) found[size] = problems
    }
    return found
  }
})
