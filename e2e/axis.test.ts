import type { Reply } from '@creatorflow/shared/endpoint'
import type { getHistory } from '@creatorflow/shared/features/history'
import { MINUTE_MS } from '@creatorflow/shared/live-state'
import { expect, test } from 'vitest'
import { describeInBrowser } from './site.ts'

describeInBrowser('the time axis', (site) => {
  /** A LIVE of 20 min in which a pin at minute 10 doubles the clicks of each minute. */
  async function seed(creator: string): Promise<number> {
    await site.newCreator(creator)
    const start = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 20 * MINUTE_MS
    const event = (minute: number, type: string, more: object) => ({
      id: `${creator}-${type}-${minute}`,
      type,
      ts: start + minute * MINUTE_MS,
      creator_id: creator,
      session_id: 'live',
      ...more,
    })
    const clicks = Array.from({ length: 19 }, (_, minute) =>
      event(minute + 0.5, 'product_click', { product_id: 'mug', quantity: minute < 10 ? 2 : 4 }),
    )
    await site.send([
      event(0, 'live_started', {}),
      ...clicks,
      event(4, 'source_gap', { quantity: 20_000 }),
      event(10, 'product_pinned', { product_id: 'mug' }),
      event(15, 'note', { properties: { text: 'Giveaway' } }),
    ])
    return start
  }

  test('[PAGE-9] marks are reached by keyboard, and each shows its effect', async () => {
    await seed('marks')
    await using page = await site.open('/c/marks')
    const marks = page.getByTestId('markers').getByRole('button')
    await marks.nth(2).waitFor()
    const kinds = () => marks.evaluateAll((list) => list.map((one) => one.dataset.kind))
    expect(await kinds()).toEqual(['gap', 'pin', 'note'])

    await marks.last().focus()
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Enter')
    const effect = page.getByRole('dialog', { name: /mug/ })
    await effect.waitFor()
    const row = effect.getByRole('row', { name: /Product clicks/ })
    const cells = (await row.getByRole('cell').allTextContents()).map((cell) => cell.trim())
    expect(cells).toEqual(['10', '20', '+100%'])
    await page.keyboard.press('Escape')
    expect(await effect.count()).toBe(0)
    expect(await page.evaluate('document.activeElement.dataset.kind')).toBe('pin')
  })

  test('[PAGE-9] the pointer shows what the nearest minute sold', async () => {
    const start = await seed('read')
    const paid = { id: 'paid', order_id: 'o1', product_id: 'mug', amount: 4_250, currency: 'USD' }
    const ids = { creator_id: 'read', session_id: 'live', type: 'payment_completed' }
    await site.send([{ ...paid, ...ids, ts: start + 12.5 * MINUTE_MS }])
    await using page = await site.open('/c/read')
    await page.locator('[data-metric=gmv][data-value="4250"]').waitFor()
    const chart = page.getByRole('slider', { name: /GMV per minute/ })
    await chart.waitFor()
    const box = await chart.boundingBox()
    if (!box) throw new Error('the chart has no place')
    const readout = page.getByTestId('readout')
    const minute = `${start / MINUTE_MS + 12}`
    for (let x = box.x + 40; x < box.x + box.width; x += 8) {
      await page.mouse.move(x, box.y + box.height / 2)
      if ((await readout.count()) > 0 && (await readout.getAttribute('data-at')) === minute) break
    }
    expect(await readout.getAttribute('data-at')).toBe(minute)
    expect(await readout.locator('[data-name=GMV]').getAttribute('data-value')).toBe('4250')
    expect(await readout.locator('[data-name=GMV]').innerText()).toContain('$42.50')
    await page.mouse.move(box.x + 200, 20)
    expect(await readout.count()).toBe(0)
  })

  test('[PAGE-9] a note added by key can be undone; otherwise it stands on the axis at its moment', async () => {
    await seed('noted')
    await using page = await site.open('/c/noted')
    const notes = page.getByTestId('markers').getByRole('button', { name: /note/ })
    await notes.waitFor()
    await page.getByRole('button', { name: /Note/ }).first().waitFor()

    const write = async (words: string) => {
      await page.keyboard.press('n')
      await page.getByRole('textbox', { name: /Note at/ }).waitFor()
      await page.keyboard.type(words)
      await page.keyboard.press('Enter')
    }
    await write('Taken back')
    await page.getByRole('button', { name: 'Undo' }).click()
    await write('New backdrop')
    const names = () =>
      notes.evaluateAll((list) => list.map((one) => one.getAttribute('aria-label')).join('\n'))
    await expect.poll(names, { timeout: 30_000 }).toMatch(/New backdrop/)
    expect(await names()).not.toMatch(/Taken back/)
  })

  test('[PAGE-1] products by minute are right, and cells can be read by keyboard', async () => {
    const start = await seed('heat')
    await using page = await site.open('/c/heat')
    await page.getByRole('tab', { name: 'Products' }).click()
    const grid = page.getByRole('table', { name: 'Clicks by product and minute' })
    await grid.waitFor()
    const told = await grid
      .getByRole('button')
      .evaluateAll((list) => list.map((one) => Number(one.ariaLabel?.match(/: (\d+) clicks/)?.[1])))
    const query = `from=${new Date(start).toISOString()}&to=${new Date().toISOString()}&bucket=total`
    const answer = await fetch(
      `${site.server.url}/api/v1/creators/heat/metrics/product_clicks?${query}`,
    )
    const { series } = (await answer.json()) as Reply<typeof getHistory>
    expect(told.reduce((sum, value) => sum + value, 0)).toBe(series[0]?.points[0]?.value)
    expect(told.filter((value) => value === 2)).toHaveLength(10)

    await grid.getByRole('button').last().focus()
    await page.keyboard.press('Home')
    expect(await page.getByTestId('heat-told').textContent()).toMatch(/mug .*: \d+ clicks/i)
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThanOrEqual(1080)
  })
})
