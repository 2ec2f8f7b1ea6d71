import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { describeInBrowser } from './site.ts'

describeInBrowser('product board and goal', (site) => {
  let sent = 0

  /** A creator who is on air with two products. */
  async function sells(id: string): Promise<(events: readonly object[]) => Promise<void>> {
    await site.newCreator(id)
    const send = (events: readonly object[]) =>
      site.send(
        events.map((event) => ({
          id: `${id}-${sent++}`,
          creator_id: id,
          session_id: `live-${id}`,
          ...event,
        })),
      )
    await send([
      { type: 'live_started' },
      { type: 'product_click', product_id: 'scarf', quantity: 100 },
      { type: 'product_click', product_id: 'coat', quantity: 40 },
      paid('coat', 30_000),
      paid('scarf', 2_000),
    ])
    return send
  }

  const paid = (product_id: string, amount: number) => ({
    type: 'payment_completed',
    order_id: `o${sent++}`,
    product_id,
    amount,
  })

  async function openCockpit(id: string): Promise<Page> {
    const page = await site.open(`/c/${id}`)
    await page.locator('tr[data-product=coat]').waitFor()
    return page
  }

  const order = (page: Page) =>
    page
      .locator('tr[data-product]')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-product')))

  test('[PAGE-10] columns sort the board by keyboard, and the table announces it', async () => {
    await sells('orders')
    await using page = await openCockpit('orders')
    expect(await order(page)).toEqual(['coat', 'scarf'])
    const clicks = page.getByRole('button', { name: 'Clicks', exact: true })
    await clicks.press('Enter')
    await expect.poll(() => order(page)).toEqual(['scarf', 'coat'])
    expect(await page.locator('th[aria-sort=descending]').innerText()).toMatch(/Clicks/)
    await clicks.press('Enter')
    await expect.poll(() => order(page)).toEqual(['coat', 'scarf'])
  })

  test('[PAGE-10] a mark starts a pin with its own numbers, and undo ends it', async () => {
    const send = await sells('pins')
    await using page = await openCockpit('pins')
    await page.getByRole('button', { name: 'Pin scarf' }).click()
    await page.locator('tr.pinned[data-product=scarf]').waitFor()
    await page.getByText('is pinned here only. Pin it in TikTok too.').waitFor()
    await send([{ type: 'product_click', product_id: 'scarf', quantity: 7 }, paid('scarf', 2_500)])
    await page.getByRole('button', { name: 'scarf: show pins' }).click()
    const segment = page.locator('li[data-pin]')
    await expect.poll(() => segment.getAttribute('data-value')).toBe('2500')
    expect(await segment.innerText()).toMatch(/7 clicks.*1 order.*\$25\.00/s)
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => page.locator('tr.pinned').count()).toBe(0)
  })

  test('[COMPARE-5] a goal is set with the key g, is reached with a toast, and is removed', async () => {
    const send = await sells('goals')
    await using page = await openCockpit('goals')
    const bar = page.getByTestId('goal')
    await bar.filter({ hasText: 'Set a goal' }).waitFor()
    await page.keyboard.press('g')
    await page.getByLabel('Amount in USD').fill('400')
    await page.getByLabel('Planned length in minutes').fill('60')
    await page.getByRole('button', { name: 'Set goal' }).click()
    await expect.poll(() => bar.innerText()).toMatch(/\$400.*80%/s)
    await site.untilWatched()
    await send([paid('coat', 9_000)])
    await expect.poll(() => bar.getAttribute('data-reached')).toBe('true')
    await expect
      .poll(() => page.getByTestId('toasts').innerText())
      .toMatch(/Goal reached.*\$400.*GMV/s)
    await bar.click()
    await page.getByRole('button', { name: 'Remove goal' }).click()
    await bar.filter({ hasText: 'Set a goal' }).waitFor()
  })
})
