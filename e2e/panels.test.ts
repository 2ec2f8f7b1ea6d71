import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { MINUTE_MS } from '@creatorflow/shared/live-state'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { describeInBrowser, moving } from './site.ts'

describeInBrowser('the panels', (site) => {
  const minuteNow = () => Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS
  let sent = 0

  /** A LIVE since 12 min: 100 people come, 40 click, 10 carts, 5 checkouts, 4 orders of a minute of their own. */
  async function seed(id: string): Promise<{ readonly start: number }> {
    await site.newCreator(id)
    const start = minuteNow() - 12 * MINUTE_MS
    const event = (minute: number, type: string, more: object = {}) => ({
      id: `${id}-${sent++}`,
      type,
      ts: start + minute * MINUTE_MS,
      creator_id: id,
      session_id: `${id}-live`,
      ...more,
    })
    const mug = { product_id: 'mug', properties: { product_name: 'Speckled stoneware mug' } }
    const blank = { product_id: 'blank-7', properties: { product_name: ' \u200b\u3164 ' } }
    await site.send([
      event(0, 'live_started'),
      event(1, 'live_impression', { quantity: 400 }),
      event(1, 'viewer_joined', { quantity: 100 }),
      event(2, 'product_click', { ...mug, quantity: 40 }),
      event(2, 'product_click', { ...blank, quantity: 2 }),
      event(3, 'add_to_cart', { ...mug, quantity: 10 }),
      event(3, 'checkout_initiated', { ...mug, quantity: 5 }),
      event(3, 'product_pinned', mug),
      ...[4, 5, 6, 7].map((minute, n) =>
        event(minute + 0.5, 'payment_completed', {
          ...mug,
          order_id: `${id}-o${n}`,
          customer_id: `c${n}`,
          amount: 1_000 * (n + 1),
          currency: 'USD',
        }),
      ),
    ])
    return { start }
  }

  async function openCockpit(id: string, options = {}): Promise<Page> {
    const page = await site.open(`/c/${id}`, options)
    await page.getByTestId('crowd').waitFor()
    await expect.poll(() => page.getByTestId('connection').getAttribute('data-state')).toBe('live')
    return page
  }

  const walkOf = (page: Page) => page.getByRole('slider', { name: /^GMV per minute/ })

  test('[PAGE-9] arrow keys walk the minutes of the chart, and each value is told', async () => {
    const { start } = await seed('walk')
    await using page = await openCockpit('walk')
    const chart = walkOf(page)
    await chart.focus()
    await chart.press('Home')
    expect(await chart.getAttribute('aria-valuenow')).toBe(`${start / MINUTE_MS}`)
    for (let n = 0; n < 5; n++) await chart.press('ArrowRight')
    const told = () => chart.getAttribute('aria-valuetext')
    await expect.poll(told).toMatch(/GMV \$20\.00/)
    expect(await page.getByTestId('readout').locator('[data-name=GMV]').innerText()).toContain(
      '$20.00',
    )
    await chart.press('ArrowLeft')
    await expect.poll(told).toMatch(/GMV \$10\.00/)
    await chart.press('End')
    await expect.poll(told).toMatch(/not over yet/)
  })

  test('[PAGE-9] the chart is a table when asked for, by minute and as sums, and the choice is kept', async () => {
    await seed('table')
    await using page = await openCockpit('table')
    await walkOf(page).waitFor()
    const height = () => page.evaluate<number>('document.documentElement.scrollHeight')
    const before = await height()
    await page.getByRole('button', { name: 'GMV per minute as a table' }).click()
    const cells = (name: string) =>
      page.getByRole('table', { name }).getByRole('row').allInnerTexts()
    const minutes = 'GMV per minute, newest first'
    await expect
      .poll(async () => (await cells(minutes)).join())
      .toMatch(/\$40\.00.*\$30\.00.*\$20\.00.*\$10\.00/s)
    // It takes the place of the chart: the page is as long as before.
    expect(await height()).toBe(before)
    await page.getByTestId('gmv-measure').selectOption('sum')
    await expect
      .poll(async () => (await cells('GMV so far, newest first')).join())
      .toMatch(/\$100\.00.*\$60\.00.*\$30\.00.*\$10\.00/s)
    await page.reload()
    await page.getByRole('slider', { name: /^GMV so far/ }).waitFor()
    await page.getByTestId('gmv-measure').selectOption('minute')
  })

  test('[PAGE-9] the chart is saved as a picture with a name', async () => {
    await seed('picture')
    await using page = await openCockpit('picture')
    await walkOf(page).waitFor()
    const save = page.getByRole('button', { name: 'Download GMV per minute as PNG' })
    const [download] = await Promise.all([page.waitForEvent('download'), save.click()])
    expect(download.suggestedFilename()).toMatch(/^gmv-per-minute-picture-.*\.png$/)
    const folder = await mkdtemp(join(tmpdir(), 'picture-'))
    const path = join(folder, 'chart.png')
    await download.saveAs(path)
    const file = await readFile(path)
    await rm(folder, { recursive: true })
    expect(file.subarray(1, 4).toString()).toBe('PNG')
    expect(file.length).toBeGreaterThan(5_000)
    await page.keyboard.press('s')
    const [masked] = await Promise.all([page.waitForEvent('download'), save.click()])
    expect(masked.suggestedFilename()).not.toContain('picture')
  })

  test('[METRIC-4] the bars of the funnel are as long as their numbers say', async () => {
    await seed('widths')
    await using page = await openCockpit('widths')
    await page.locator('[data-step=main_orders][data-value="4"]').waitFor()
    const widths = () =>
      page.locator('[data-step]').evaluateAll((steps) =>
        steps.map((step) => {
          const groove = step.querySelector('.groove')?.getBoundingClientRect()
          const bar = step.querySelector('.bar')?.getBoundingClientRect()
          if (!groove || !bar) return [step.getAttribute('data-step'), -1]
          const share = (bar.right - groove.left) / groove.width
          return [step.getAttribute('data-step'), Math.round(share * 100) / 100]
        }),
      )
    await expect.poll(widths).toEqual([
      ['live_impressions', 1],
      ['views', 0.25],
      ['product_clicks', 0.42],
      ['add_to_carts', 0.24],
      ['checkouts', 0.5],
      ['main_orders', 0.8],
    ])
    const paid = page.locator('[data-step=main_orders]')
    expect((await paid.innerText()).replace(/\s+/g, ' ')).toMatch(/Paid orders 4 80/)
  })

  test('[PAGE-10] what is pinned stands on a card with its time, and is unpinned by a button that says so', async () => {
    await seed('card')
    await using page = await openCockpit('card')
    const card = page.getByTestId('pinned')
    await expect
      .poll(() => card.innerText())
      .toMatch(/Speckled stoneware mug.*Pinned\s+(0?8|09|10|11):\d\d/s)
    expect(await card.innerText()).toMatch(/\$100\.00/)
    const row = page.locator('tr[data-product=mug]')
    expect(await row.innerText()).toMatch(/Pinned\s+\d\d:\d\d/)
    expect(await row.getByRole('button', { name: /^Unpin/ }).innerText()).toBe('Unpin')
    // A name that nobody can see is no name.
    await page.locator('tr[data-product=blank-7]').getByText('blank-7').waitFor()
    await card.getByRole('button', { name: /^Unpin/ }).click()
    await card.getByText('No product is pinned.').waitFor()
  })

  test('[PAGE-10] the name of a product keeps 160 pixels on every screen', async () => {
    await seed('names')
    await using page = await openCockpit('names')
    for (const viewport of [
      { width: 1920, height: 1080 },
      { width: 1366, height: 768 },
      { width: 820, height: 1180 },
      { width: 390, height: 844 },
    ]) {
      await page.setViewportSize(viewport)
      const cell = page.locator('tr[data-product=mug] th')
      await expect
        .poll(async () => Math.round((await cell.boundingBox())?.width ?? 0), {
          message: `${viewport.width}`,
        })
        .toBeGreaterThanOrEqual(160)
    }
  })

  test('[PAGE-14] a toast comes up beside what somebody uses, not over it', async () => {
    await seed('used')
    await using page = await openCockpit('used', { viewport: { width: 1366, height: 768 } })
    await page.locator('[aria-live=polite]').first().waitFor({ state: 'attached' })
    await page.mouse.move(1_250, 700)
    await site.untilWatched()
    await site.send(
      Array.from({ length: 8 }, (_, n) => ({
        id: `used-${sent++}`,
        type: 'payment_completed',
        ts: Date.now(),
        creator_id: 'used',
        session_id: 'used-live',
        order_id: `used-more-${n}`,
        product_id: 'mug',
        amount: 500,
        currency: 'USD',
      })),
    )
    const toasts = page.getByTestId('toasts')
    await toasts.waitFor()
    expect(await toasts.getAttribute('data-side')).toBe('left')
  })

  test('[PAGE-5] a reached goal is celebrated once, and not under reduced motion', async () => {
    await seed('party')
    await site.post('/api/v1/creators/party/goal', { metric: 'gmv', target: 12_000 })
    await using page = await openCockpit('party', moving)
    await using calm = await openCockpit('party', { reducedMotion: 'reduce' })
    for (const one of [page, calm]) {
      await one.getByTestId('goal').waitFor()
      await one.locator('[aria-live=polite]').first().waitFor({ state: 'attached' })
    }
    // What came before is history; from here on the LIVE is followed.
    await site.send([
      {
        id: `party-${sent++}`,
        type: 'live_impression',
        ts: Date.now(),
        creator_id: 'party',
        session_id: 'party-live',
      },
    ])
    await site.untilWatched()
    const celebrated = page.getByTestId('celebration').waitFor({ state: 'attached' })
    await site.send([
      {
        id: `party-${sent++}`,
        type: 'payment_completed',
        ts: Date.now(),
        creator_id: 'party',
        session_id: 'party-live',
        order_id: 'party-last',
        product_id: 'mug',
        amount: 5_000,
        currency: 'USD',
      },
    ])
    await celebrated
    await calm.getByTestId('toasts').filter({ hasText: 'Goal reached' }).waitFor()
    expect(await calm.getByTestId('celebration').count()).toBe(0)
    await expect.poll(() => page.getByTestId('celebration').count()).toBe(0)
  })

  test('[PAGE-1] the heat map is a table when asked for', async () => {
    await seed('heat-table')
    await using page = await openCockpit('heat-table')
    await page.getByRole('button', { name: 'Activity by minute as a table' }).click()
    const table = page.getByRole('table', { name: /^Activity by minute/ })
    await table.waitFor()
    const rows = await table.getByRole('row').allInnerTexts()
    expect(rows).toHaveLength(31)
    expect(rows.join('\n')).toMatch(/\t42\t/)
  })

  test('[REPO-4] the cockpit loads little JavaScript before the first numbers, and little with all panels', async () => {
    await seed('weight')
    await using page = await site.browser.newPage()
    await page.addInitScript(`new MutationObserver((_, waiting) => {
      if (!document.querySelector('[data-metric=gmv][data-value]')) return
      waiting.disconnect()
      globalThis.drawn = performance.now()
    }).observe(document, { subtree: true, childList: true, attributes: true })`)
    await page.goto(`${site.server.url}/c/weight`)
    await walkOf(page).waitFor()
    for (const key of '234561') await page.keyboard.press(key)
    await page.waitForLoadState('networkidle')
    const loaded = await page.evaluate<{ name: string; first: boolean }[]>(
      `performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js'))
        .map(({ name, startTime }) => ({ name, first: startTime < globalThis.drawn }))`,
    )
    const weighed = await Promise.all(
      loaded.map(async ({ name, first }) => {
        const script = await (await fetch(name)).text()
        return { first, kB: gzipSync(script).length / 1_000 }
      }),
    )
    const sum = (files: typeof weighed) => files.reduce((kB, file) => kB + file.kB, 0)
    expect(sum(weighed.filter(({ first }) => first))).toBeLessThan(110)
    expect(sum(weighed)).toBeLessThan(180)
  })
})
