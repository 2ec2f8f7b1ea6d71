import { describe, expect, test } from 'vitest'
import { browserPath } from '../scripts/test/backends.ts'
import { sourceDefinitions } from '../server/src/sources/index.ts'
import { startAdmin } from '../server/src/sources/shopify/test/admin.ts'
import { toyMarket } from '../server/src/sources/test/toy/index.ts'
import { startMarket } from '../server/src/sources/test/toy/market.ts'
import { startApp } from '../server/test/harness.ts'
import { envFor } from '../server/test/tiktok-shop/connected.ts'
import { startStandIn } from '../server/test/tiktok-shop/stand-in.ts'
import { sharedBrowser } from './site.ts'
import { checkSizes } from './three-sizes.ts'

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
    await page.getByRole('textbox', { name: 'Webhook URL to enter in Toy Market' }).waitFor()
    expect(page.url()).toBe(`${app.url}/settings/sources?creator=${id}`)
    await expect.poll(() => page.getByTestId('source').getAttribute('data-state')).toBe('waiting')
    expect(await page.content()).not.toContain('canary-signing')

    market.agrees = false
    await page.getByRole('button', { name: 'Authorize on Toy Market' }).click()
    await page.getByRole('alert').getByText('The authorization was canceled.').waitFor()
  })
})

describe.skipIf(!browserPath())('connecting a shop in a browser', () => {
  test('[SOURCE-5] a TikTok Shop is connected with one button, there and back, and one of several is chosen', async () => {
    await using shop = await startStandIn()
    await using app = await startApp({
      env: {
        ...envFor(shop),
        TIKTOK_SHOP_APP_KEY: shop.keys.app_key,
        TIKTOK_SHOP_APP_SECRET: shop.keys.app_secret,
      },
    })
    shop.redirectUrl = `${app.url}/api/v1/sources/tiktok-shop/authorized`
    const { id } = await app.newCreator()
    await using browser = await sharedBrowser()
    const page = await browser.newPage({ viewport: { width: 1366, height: 768 }, bypassCSP: true })
    await page.goto(`${app.url}/settings/sources?creator=${id}&connect=tiktok_shop`)
    const dialog = page.getByRole('dialog', { name: 'Connect a source' })
    const connect = dialog.getByRole('button', { name: 'Connect TikTok Shop' })
    await connect.waitFor()
    // Nothing has to be entered; an app of one's own is folded away.
    expect(await dialog.getByRole('textbox').count()).toBe(0)
    shop.behaviour.seller = 'refuses'
    await connect.click()
    await page.getByRole('alert').getByText('The authorization was canceled.').waitFor()

    shop.behaviour.seller = 'agrees'
    shop.shops.push({ id: '7490000000000000002', cipher: 'c', name: 'Mira’s Outlet', region: 'GB' })
    await page.getByRole('button', { name: 'Connect a source' }).first().click()
    await dialog.getByRole('radio', { name: 'TikTok Shop' }).check()
    await connect.focus()
    await page.keyboard.press('Enter')
    const choice = page.getByRole('dialog', { name: 'Which shop do you want to connect?' })
    await choice.getByRole('radio', { name: 'Mira’s Vintage' }).focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Mira’s Vintage' }).waitFor()
    const source = page.getByTestId('source')
    await expect.poll(() => source.getAttribute('data-state')).toBe('receiving')
    expect(await source.count()).toBe(1)
    // What is set up by hand there can be copied.
    expect(
      await source.getByLabel('Redirect URL to enter in TikTok Shop').first().inputValue(),
    ).toBe(shop.redirectUrl)
    await source.getByRole('button', { name: 'Copy Webhook URL' }).waitFor()
    await source.getByText('Webhook topics to select in the Partner Center').click()
    await source.getByText('Order status change (1)').waitFor()
    expect(await page.content()).not.toContain(shop.tokens.access)
    expect(shop.complaints).toEqual([])
    await checkSizes(page, `${app.url}/settings/sources?creator=${id}`, '[data-testid=source]')
  })

  test('[SOURCE-5] one’s own TikTok Shop app is entered in the folded form, with the redirect URL to copy', async () => {
    await using shop = await startStandIn()
    await using app = await startApp({ env: envFor(shop) })
    shop.redirectUrl = `${app.url}/api/v1/sources/tiktok-shop/authorized`
    const { id } = await app.newCreator()
    await using browser = await sharedBrowser()
    const page = await browser.newPage()
    await page.goto(`${app.url}/settings/sources?creator=${id}&connect=tiktok_shop`)
    const dialog = page.getByRole('dialog', { name: 'Connect a source' })
    await dialog.getByText('This server has no TikTok Shop app yet.').waitFor()
    expect(await dialog.getByRole('textbox', { name: 'Redirect URL' }).inputValue()).toBe(
      shop.redirectUrl,
    )
    await dialog.getByRole('textbox', { name: 'App key' }).fill(shop.keys.app_key)
    await dialog.getByRole('textbox', { name: 'App secret' }).fill(shop.keys.app_secret)
    await page.keyboard.press('Enter')
    await page.getByText('Connected. The first orders show up within a minute.').waitFor()
    await page.getByRole('heading', { name: 'Mira’s Vintage' }).waitFor()
    expect(page.url()).toBe(
      `${app.url}/settings/sources?creator=${id}&connect=tiktok_shop`.split('&')[0],
    )
  })

  test('[SOURCE-3] a Shopify shop shows what works and what does not, and is checked again with one button', async () => {
    await using admin = await startAdmin()
    await using app = await startApp({
      env: { SHOPIFY_API_URL: admin.url, SOURCES_INTERVAL_MS: '100' },
    })
    const { id } = await app.newCreator()
    await using browser = await sharedBrowser()
    const page = await browser.newPage({ viewport: { width: 1366, height: 768 }, bypassCSP: true })
    admin.behaviour.scopes = ['read_orders']
    await page.goto(`${app.url}/settings/sources?creator=${id}&connect=shopify`)
    const dialog = page.getByRole('dialog', { name: 'Connect a source' })
    await dialog.getByRole('textbox', { name: 'Domain' }).fill(admin.domain)
    await dialog.getByRole('textbox', { name: 'Client secret' }).fill(admin.app.client_secret)
    await dialog.getByRole('textbox', { name: 'Client ID (optional)' }).fill(admin.app.client_id)
    await dialog.getByRole('button', { name: 'Connect', exact: true }).click()
    const checks = page.getByTestId('checks')
    const step = (name: string) => checks.locator(`[data-step=${name}]`)
    await step('scopes').getByText('Missing: read_fulfillments, read_inventory.').waitFor()
    await step('token').getByText('Shopify accepts it.').waitFor()
    // At home, without an address on the internet, it says so instead of waiting for orders.
    await step('reachable').getByText('Webhooks can’t reach this machine').waitFor()
    await step('first').getByText('None has arrived yet.').waitFor()

    admin.behaviour.scopes = ['read_orders', 'read_fulfillments', 'read_inventory']
    await checks.getByRole('button', { name: 'Check again' }).focus()
    await page.keyboard.press('Enter')
    await step('scopes').getByText('Works').waitFor()
    await checks.getByRole('status').getByText('3 of 6 steps work').waitFor()
    await page.reload()
    await checks.getByRole('status').getByText('3 of 6 steps work').waitFor()
    expect(admin.complaints).toEqual([])
    await checkSizes(page, `${app.url}/settings/sources?creator=${id}`, '[data-testid=source]')
  })
})
