import { describe, expect, test } from 'vitest'
import { browserPath } from '../scripts/test/backends.ts'
import { sourceDefinitions } from '../server/src/sources/index.ts'
import { toyMarket } from '../server/src/sources/test/toy/index.ts'
import { startMarket } from '../server/src/sources/test/toy/market.ts'
import { startApp } from '../server/test/harness.ts'
import { sharedBrowser } from './site.ts'

describe.skipIf(!browserPath())('sources in a browser', () => {
  test('[SOURCE-4][SOURCE-5] a kind the client does not know is connected by its own form, and authorized', async () => {
    await using market = await startMarket()
    await using app = await startApp({
      sources: [...sourceDefinitions, toyMarket],
      env: { SOURCES_INTERVAL_MS: '100', TOY_MARKET_URL: market.url },
    })
    const { id } = await app.newCreator()
    await using browser = await sharedBrowser()
    const page = await browser.newPage()
    await page.goto(`${app.url}/settings/sources?creator=${id}`)
    await page.getByText('No sources yet').waitFor()
    await page.getByRole('button', { name: 'Connect a source' }).first().click()
    await page.getByRole('radio', { name: 'Toy Market' }).check()
    await page.getByText('The word on its sign.').waitFor()
    await page.getByRole('textbox', { name: 'Stall' }).fill(market.stall)
    await page.getByRole('textbox', { name: 'Region' }).fill('west')
    await page.getByRole('textbox', { name: 'Signing secret' }).fill('canary-signing')
    await page.getByRole('button', { name: 'Authorize on Toy Market' }).click()
    await page.getByText('must be north or south').waitFor()
    await page.getByRole('textbox', { name: 'Region' }).fill('north')
    await page.getByRole('button', { name: 'Authorize on Toy Market' }).click()

    // There and back: the market approves at once.
    await page.getByText('Authorized. The status below updates').waitFor()
    await page.getByText(`Toy Market · #${market.stall}`).waitFor()
    await page.getByLabel('Webhook URL to enter in Toy Market').waitFor()
    expect(page.url()).toBe(`${app.url}/settings/sources?creator=${id}`)
    await expect.poll(() => page.getByTestId('source').getAttribute('data-state')).toBe('waiting')
    expect(await page.content()).not.toContain('canary-signing')

    market.agrees = false
    await page.getByRole('button', { name: 'Authorize on Toy Market' }).click()
    await page.getByRole('alert').getByText('The authorization was canceled.').waitFor()
  })
})
