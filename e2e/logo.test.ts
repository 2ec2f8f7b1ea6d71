import { buffer } from 'node:stream/consumers'
import { setLogo } from '@creatorflow/shared/features/creators'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import type { Download, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { describeInBrowser } from './site.ts'
import { checkSizes } from './three-sizes.ts'

const HOUR_MS = 3_600_000
const picture = `[...document.querySelectorAll('img')].map(({ src, complete, naturalWidth }) =>
  [new URL(src).pathname, complete && naturalWidth > 0])`

describeInBrowser('a creator’s logo', (site) => {
  test('[WEB-3] a large picture becomes a small logo in the header, on the start page and on the share card', async () => {
    await site.newCreator('mia')
    const { events } = simulateLive({
      seed: 'logo',
      creatorId: 'mia',
      sessionId: 'one',
      startAt: Date.now() - 3 * HOUR_MS,
      durationMs: 6 * 60_000,
      rate: 0.3,
      currency: 'USD',
      timeZone: 'UTC',
      aftermath: false,
    })
    await site.send(events)
    const address = `${site.server.url}/settings/creator?creator=mia`
    await using page = await site.open('/settings/creator?creator=mia', { bypassCSP: true })
    const field = page.getByLabel('Logo', { exact: true })
    await field.focus()
    expect(await page.evaluate('document.activeElement.type')).toBe('file')
    await field.setInputFiles({
      name: 'not an image.png',
      mimeType: 'image/png',
      buffer: Buffer.from('<svg onload="alert(1)"/>'),
    })
    await page.getByRole('alert').getByText('Try a PNG or JPEG.').waitFor()
    await field.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: await red(page) })
    await page.getByText('Logo saved.').waitFor()
    const at = '/api/v1/creators/mia/logo'
    await expect.poll(() => page.evaluate(picture)).toEqual([[at, true]])
    await checkSizes(page, address, '[data-testid=logo] img')

    for (const path of ['/', '/c/mia', '/c/mia/history']) {
      await page.goto(site.server.url + path)
      await expect.poll(() => page.evaluate(picture), { message: path }).toEqual([[at, true]])
    }
    await page.goto(`${site.server.url}/c/mia/lives/one`)
    await page.getByTestId('summary').waitFor()
    const saved = page.waitForEvent('download')
    await page.getByTestId('share-card').click()
    const card = (await bytesOf(await saved)).toString('base64')
    // Where the logo's middle is.
    const pixel = await page.evaluate<number[]>(`(async () => {
      const image = new Image()
      image.src = 'data:image/png;base64,${card}'
      await image.decode()
      const ctx = Object.assign(document.createElement('canvas'), { width: 1200, height: 630 }).getContext('2d')
      ctx.drawImage(image, 0, 0)
      return [...ctx.getImageData(92, 86, 1, 1).data]
    })()`)
    expect(pixel[0]).toBeGreaterThan(200)
    expect(Math.max(pixel[1] ?? 255, pixel[2] ?? 255)).toBeLessThan(60)

    await page.goto(address)
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download logo' }).click()
    expect((await download).suggestedFilename()).toMatch(/^mia-logo/)
    await page.getByRole('button', { name: 'Remove logo' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('Logo removed.').waitFor()
    expect(await page.evaluate(picture)).toEqual([])
  })

  test('[WEB-3] in streamer mode no logo says whose screen it is', async () => {
    await site.newCreator('nora')
    await site.post('/api/v1/creators/nora/logo', setLogo.example.body)
    await using page = await site.open('/c/nora')
    await page.locator('header img').waitFor()
    await page.getByTestId('switch-streamer').click()
    await expect.poll(() => page.locator('header img').count()).toBe(0)
  })
})

/** A red picture with a million pixels. */
async function red(page: Page): Promise<Buffer> {
  const text = await page.evaluate<string>(`(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1200, height: 900 })
    const ctx = canvas.getContext('2d')
    ctx.fillStyle = '#ee1122'
    ctx.fillRect(0, 0, 1200, 900)
    return canvas.toDataURL('image/png').split(',')[1]
  })()`)
  return Buffer.from(text, 'base64')
}

/** A browser that others share keeps its files to itself. */
const bytesOf = async (download: Download): Promise<Buffer> =>
  buffer(await download.createReadStream())
