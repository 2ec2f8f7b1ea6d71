import { MINUTE_MS } from '@creatorflow/shared/live-state'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { describeInBrowser } from './site.ts'

const DAY_MS = 86_400_000

/** All that the page says, in words and to who listens. */
const said = `[
  document.querySelector('main').innerText,
  ...[...document.querySelectorAll('main [aria-label]')].map((one) => one.getAttribute('aria-label')),
].join('\\n')`

describeInBrowser('the states of the cockpit', (site) => {
  const live = (creatorId: string, sessionId: string, startAt: number, minutes: number) =>
    simulateLive({
      seed: sessionId,
      creatorId,
      sessionId,
      startAt,
      durationMs: minutes * MINUTE_MS,
      rate: 0.2,
      currency: 'USD',
      timeZone: 'UTC',
      aftermath: false,
    }).events
  const untilNow = (events: readonly { ts: number }[]) =>
    events.filter(({ ts }) => ts <= Date.now())

  test('[PAGE-16] GMV is the largest number, with its goal and pace inside', async () => {
    await site.newCreator('hero')
    await site.send(untilNow(live('hero', 'now', Date.now() - 9 * MINUTE_MS, 60)))
    await site.post('/api/v1/creators/hero/goal', {
      session_id: 'now',
      metric: 'gmv',
      target: 9_000_000,
      planned_minutes: 60,
    })
    await using page = await site.open('/c/hero')
    const hero = page.locator('[data-tile=gmv]')
    const goal = hero.getByTestId('goal')
    await expect.poll(() => goal.innerText()).toMatch(/\$90,000 GMV.*%.*on pace for/s)
    const sizes = await page.evaluate<number[]>(
      `[...document.querySelectorAll('[data-tile] .main')].map((one) => parseFloat(getComputedStyle(one).fontSize))`,
    )
    const [largest = 0, ...others] = sizes
    expect(largest).toBeGreaterThanOrEqual(64)
    expect(largest).toBeLessThanOrEqual(80)
    expect(Math.max(...others)).toBeLessThan(largest * 0.7)
    const smallest = await page.evaluate<number>(
      `Math.min(...[...document.querySelectorAll('main *')].filter((one) => one.checkVisibility() && one.textContent.trim())
        .map((one) => parseFloat(getComputedStyle(one).fontSize)))`,
    )
    expect(smallest).toBeGreaterThanOrEqual(12)
  })

  test('[COMPARE-2] in its first minutes a LIVE is compared with nothing and raises no alarm', async () => {
    await site.newCreator('young')
    for (const n of [1, 2, 3]) {
      await site.send(live('young', `past-${n}`, Date.now() - n * DAY_MS, 12))
    }
    await site.send(untilNow(live('young', 'young', Date.now() - MINUTE_MS / 2, 60)))
    await using page = await site.open('/c/young')
    await page.getByText('compared from minute 5').waitFor()
    expect(await page.locator('[data-direction=up], [data-direction=down]').count()).toBe(0)
    expect(await page.locator('[data-worst=true]').count()).toBe(0)
    expect(await page.locator('[data-tile=gmv]').innerText()).not.toContain('vs')
  })

  test('[PAGE-16] what nobody sends is offered instead of shown, until it comes', async () => {
    await site.newCreator('room')
    const start = Date.now() - 7 * MINUTE_MS
    const event = (type: string, ts: number, more: object) => ({
      id: `${type}-${ts}`,
      type,
      ts,
      creator_id: 'room',
      session_id: 'room-live',
      ...more,
    })
    await site.send([
      event('live_started', start, {}),
      event('viewer_count', Date.now() - 1_000, { quantity: 40 }),
      event('like', start + MINUTE_MS, { user_id: 'fan', quantity: 9 }),
    ])
    await using page = await site.open('/c/room')
    const offer = page.getByTestId('offer-shop')
    await offer.waitFor()
    expect(await offer.textContent()).toBe('Connect a shop to see GMV and orders')
    expect(await offer.getAttribute('href')).toBe('/settings/sources?creator=room')
    expect(await page.locator('[data-tile=main_orders]').count()).toBe(0)
    expect(await page.locator('[data-tile=viewers_now]').count()).toBe(1)
    expect(await page.getByTestId('day').innerText()).not.toMatch(/–.*–.*–/s)
    await site.send([
      event('payment_completed', Date.now(), { order_id: 'o', amount: 500, currency: 'USD' }),
    ])
    await page.locator('[data-tile=main_orders]').waitFor()
    expect(await offer.count()).toBe(0)
  })

  test('[COMPARE-2] when a LIVE has ended nothing goes on', async () => {
    await site.newCreator('over')
    await site.send(live('over', 'over', Date.now() - 14 * MINUTE_MS, 12))
    await using page = await site.open('/c/over')
    const ended = page.locator('[data-tile=gmv]').getByTestId('ended')
    await expect.poll(() => ended.innerText()).toMatch(/^The LIVE has ended after 12 min\./)
    expect(await page.getByTestId('connection').innerText()).toBe('up to date')
    await page.locator('[data-tile=peak_viewers]').waitFor()
    await page.locator('[data-tile=main_orders] button').focus()
    await page.getByRole('tooltip').waitFor()
    expect(await page.evaluate(said)).not.toMatch(
      /rising|falling|\d\s+last minute|on pace|live · \d/,
    )
  })

  test('[PAGE-1] offline the whole page stands still, gray, and says as of when', async () => {
    await site.newCreator('gone')
    await site.send(live('gone', 'before', Date.now() - DAY_MS, 12))
    await site.send(untilNow(live('gone', 'now', Date.now() - 8 * MINUTE_MS, 60)))
    await using page = await site.browser.newPage({
      viewport: { width: 1920, height: 1080 },
      reducedMotion: 'reduce',
    })
    await page.clock.install()
    await page.goto(`${site.server.url}/c/gone`)
    await page.locator('[data-tile=gmv] [data-with=last]').waitFor()
    await page.getByTestId('crowd').locator('li').first().waitFor()
    const colour = () => colourOf(page, '[data-testid=live-status]')
    const onAir = await colour()
    await site.server.kill()
    try {
      const chip = page.getByTestId('connection')
      await expect.poll(() => chip.getAttribute('data-state'), { timeout: 5_000 }).toBe('offline')
      expect(await chip.innerText()).toMatch(/^offline · as of \d+:\d\d:\d\d/)
      expect(await colour()).not.toBe(onAir)
      const before = await page.evaluate<string>(said)
      expect(before).toMatch(/LIVE 0?\d+:\d\d/)
      await page.clock.fastForward(3 * MINUTE_MS)
      await page.clock.fastForward(2_000)
      expect(await page.evaluate<string>(said)).toBe(before)
    } finally {
      await site.server.start()
    }
  })

  const colourOf = (page: Page, selector: string) =>
    page.evaluate<string>(`getComputedStyle(document.querySelector('${selector}')).backgroundColor`)
})
