import { MINUTE_MS } from '@creatorflow/shared/live-state'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { describeInBrowser } from './site.ts'

const DAY_MS = 24 * 60 * MINUTE_MS
const textOf = (page: Page, selector: string) =>
  page
    .locator(selector)
    .first()
    .textContent()
    .then((text) => (text ?? '').replaceAll(/\s+/g, ' ').trim())
const numberIn = (text: string) => Number(text.replaceAll(/[^\d.]/g, ''))

describeInBrowser('what several pages say', (site) => {
  const now = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS
  let counted = 0
  const event = (session_id: string, ts: number, type: string, more: object = {}) => ({
    id: `agreement-${++counted}`,
    type,
    ts,
    creator_id: 'agree',
    session_id,
    ...more,
  })

  /** A LIVE of 20 minutes with a pause, in which `clicks` of 400 viewers click and every fifth click buys. */
  function live(
    id: string,
    start: number,
    clicks: number,
    price: number,
    until = start + 20 * MINUTE_MS,
  ) {
    const at = (share: number) => start + Math.floor(share * 4 * MINUTE_MS)
    const many = (count: number, make: (n: number) => ReturnType<typeof event>) =>
      Array.from({ length: count }, (_, n) => make(n))
    return [
      event(id, start, 'live_started'),
      event(id, start + 100, 'live_impression', { quantity: 4_000 }),
      ...many(400, (n) => event(id, at(n / 400), 'viewer_joined', { user_id: `${id}-${n}` })),
      ...many(clicks, (n) => event(id, at(n / clicks), 'product_click', { product_id: 'mug' })),
      ...many(Math.floor(clicks / 5), (n) =>
        event(id, at((n * 5) / clicks), 'payment_completed', {
          order_id: `${id}-${n}`,
          product_id: 'mug',
          amount: price + n,
          currency: 'USD',
        }),
      ),
      event(id, start + 6 * MINUTE_MS, 'live_paused'),
      event(id, start + 9 * MINUTE_MS, 'live_resumed'),
      event(id, start + 19 * MINUTE_MS, 'live_ended'),
    ].filter(({ ts }) => ts <= until)
  }

  beforeAll(async () => {
    await site.newCreator('agree')
    for (const n of [1, 2, 3]) {
      await site.send(live(`past-${n}`, now - n * DAY_MS, 100 + 7 * n, 2_333 + 11 * n))
    }
    await site.send([
      event('past-1', now - DAY_MS + 60 * MINUTE_MS, 'payment_completed', {
        order_id: 'late',
        product_id: 'mug',
        amount: 43_913,
        currency: 'USD',
      }),
    ])
    await site.send(live('running', now - 7 * MINUTE_MS, 61, 2_777, now - MINUTE_MS))
    await site.send([
      event('running', now - 2 * MINUTE_MS, 'order_refunded', {
        order_id: 'running-1',
        amount: 1_500,
        currency: 'USD',
      }),
    ])
  })

  test('[COUNT-2] a LIVE is as long on every page', async () => {
    await using page = await site.open('/c/agree/history')
    await page.locator('[data-live=past-1]').waitFor()
    expect(await textOf(page, '[data-live=past-1] [data-label=Length]')).toBe('19 min')
    await page.goto(`${site.server.url}/c/agree/compare?a=past-1&b=past-2`)
    await page.getByTestId('comparison').waitFor()
    expect(await textOf(page, 'tr:has(abbr) td')).toBe('19 min')
    await page.goto(`${site.server.url}/c/agree/lives/past-1`)
    await page.getByTestId('headline').waitFor()
    expect(await textOf(page, '[data-testid=headline]')).toContain(' in 19 min')
  })

  test('[COMPARE-2] every difference on the comparison page is that of the two numbers beside it', async () => {
    await using page = await site.open('/c/agree/compare?a=past-1&b=past-2')
    await page.getByTestId('comparison').waitFor()
    let compared = 0
    for (const row of await page.locator('[data-row]').all()) {
      const cells = (await row.locator('td').allTextContents()).map((text) => text.trim())
      const [one = '', other = '', difference = '', change = ''] = cells
      expect(change).not.toMatch(/[▲▼]\s*(up|down)?\s*0(\.0)?\s?%/)
      if (one.includes('%')) expect(change, cells.join(' ')).not.toContain('%')
      if (!/\d/.test(difference) || difference.includes(':')) continue
      const sign = difference.startsWith('−') ? -1 : 1
      expect(sign * numberIn(difference), cells.join(' ')).toBeCloseTo(
        numberIn(one) - numberIn(other),
        6,
      )
      compared++
    }
    expect(compared).toBeGreaterThan(6)
  })

  test('[PAST-9] sales during and after the LIVE add up to the total', async () => {
    await using page = await site.open('/c/agree/lives/past-1')
    await page.getByTestId('after-end').waitFor()
    const during = numberIn(
      /^\$[\d,.]+/.exec(await textOf(page, '[data-testid=headline]'))?.[0] ?? '',
    )
    const total = numberIn(await textOf(page, '[data-testid=key-numbers] [data-metric=gmv]'))
    const after = await textOf(page, '[data-testid=after-end]')
    expect(after).toMatch(/^\$439\.13 more was paid after the end \(1 order\): /)
    expect(during + 439.13).toBeCloseTo(total, 2)
    expect(numberIn(after.split(': ')[1] ?? '')).toBe(total)
  })

  test('[COMPARE-1][COMPARE-2] tile and funnel compare CTR with the same number, that of the same minute', async () => {
    await using page = await site.open('/c/agree')
    const tile = page.locator('[data-tile=ctr] [data-with=usual]')
    const funnel = page.locator('[data-step=product_clicks] .rate')
    await expect
      .poll(() => tile.getAttribute('data-reference'), { timeout: 20_000 })
      .toMatch(/^0\.\d/)
    const [ofTile, ofFunnel] = [
      await tile.getAttribute('data-reference'),
      await funnel.getAttribute('data-reference'),
    ]
    expect(ofFunnel).toBe(ofTile)
  })

  test('[PAGE-3] GMV after refunds is shown next to GMV', async () => {
    await using page = await site.open('/c/agree')
    const value = (metric: string) =>
      page
        .locator(`[data-tile=gmv] [data-metric=${metric}]`)
        .getAttribute('data-value')
        .then(Number)
    await expect.poll(() => value('gmv')).toBeGreaterThan(1_500)
    expect(await value('gmv_after_refunds')).toBe((await value('gmv')) - 1_500)
    expect(await textOf(page, '[data-tile=gmv] .beside')).toContain('after refunds')
  })
})
