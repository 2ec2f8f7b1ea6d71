import type { Reply } from '@creatorflow/shared/endpoint'
import type { getBaseline } from '@creatorflow/shared/features/baseline'
import { MINUTE_MS } from '@creatorflow/shared/live-state'
import { funnelSteps } from '@creatorflow/shared/present'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import type { Page } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { isLongRun } from '../scripts/test/long-run.ts'
import { describeInBrowser, moving, screens, watchMoves } from './site.ts'

const DAY_MS = 86_400_000

describeInBrowser('the tiles', (site) => {
  test('[PAGE-1][COMPARE-3] tiles and funnel show the right numbers next to the usual, by keyboard too, and nothing moves', async () => {
    await site.newCreator('mira')
    const live = (n: number, startAt: number, minutes: number) =>
      simulateLive({
        seed: 70 + n,
        creatorId: 'mira',
        sessionId: `live-${n}`,
        startAt,
        durationMs: minutes * MINUTE_MS,
        rate: 0.2,
        currency: 'USD',
        timeZone: 'UTC',
        aftermath: false,
      })
    const now = Date.now()
    for (const n of [1, 2, 3]) await site.send(live(n, now - n * DAY_MS, 14).events)
    // It ended a moment ago: no number changes by itself any more.
    const { events, truth } = live(9, now - 13 * MINUTE_MS, 12)
    // Its end is told first: what comes now changes numbers, and nothing else.
    const isEnd = ({ type }: { readonly type: string }) => type === 'live_ended'
    const others = events.filter((event) => !isEnd(event))
    const last = others.slice(-60)
    await site.send([...others.slice(0, -60), ...events.filter(isEnd)])

    await using page = await site.open('/c/mira', moving)
    await page
      .locator('[data-tile=gmv] [data-with=usual][data-direction]')
      .waitFor({ state: 'attached' })
    const moved = await watchMoves(page)
    await site.send(last)
    const shownValue = (selector: string) =>
      page.locator(selector).first().getAttribute('data-value').then(Number)
    for (const metric of [
      'main_orders',
      'product_clicks',
      'likes',
      'comments',
      'shares',
      'follows',
      'diamonds',
    ] as const) {
      await expect
        .poll(() => shownValue(`[data-tile=${metric}] [data-metric=${metric}]`), {
          timeout: 20_000,
        })
        .toBe(truth.totals[metric] ?? 0)
    }
    expect(await shownValue('[data-tile=gmv] [data-metric=gmv]')).toBe(truth.totals.gmv)
    for (const step of funnelSteps) {
      expect(await shownValue(`[data-step=${step}]`), step).toBe(truth.totals[step] ?? 0)
    }
    expect(await page.locator('[data-tile][data-worst=true]').count()).toBeLessThanOrEqual(1)

    const answer = await fetch(`${site.server.url}/api/v1/creators/mira/lives/live-9/baseline`)
    const baseline = (await answer.json()) as Reply<typeof getBaseline>
    const shown = await page
      .locator('[data-tile=gmv] [data-with=last]')
      .getAttribute('data-reference')
      .then(Number)
    const gmv = baseline.previous?.totals.gmv ?? []
    expect(shown).toBeGreaterThanOrEqual(gmv[10] ?? 0)
    expect(shown).toBeLessThanOrEqual(gmv.at(-1) ?? 0)
    // GMV shows both comparisons; beside every other number is the usual alone.
    expect(await page.locator('[data-tile=likes] [data-with]').count()).toBe(1)
    expect(await page.locator('[data-tile=likes] [data-with=usual]').count()).toBe(1)
    expect(await page.locator('[data-step=views] .tick').count()).toBe(1)

    expect(await moved()).toEqual([])
    expect(await page.getByRole('tooltip').count()).toBe(0)
    await page.locator('[data-tile=c_o_rate] button').focus()
    const words = page.locator('[data-tile=c_o_rate] [role=tooltip]')
    await words.waitFor()
    expect(await words.textContent()).toContain('paid SKU orders ÷ product clicks')
    expect(await words.textContent()).toMatch(/last LIVE/)
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThanOrEqual(1080)
  })

  let kept: Page | undefined
  afterAll(() => kept?.close())

  test.each(screens)(
    '[PAGE-3] every explanation fits on %s, can be pointed at, and closes with Escape',
    async (_, viewport) => {
      // One that is made as large as each screen; a long run opens it anew.
      if (isLongRun()) {
        await kept?.close()
        kept = undefined
      }
      kept ??= await site.open('/c/mira', { viewport })
      const page = kept
      await page.setViewportSize(viewport)
      await page.getByTestId('crowd').waitFor()
      const explained = page.locator('button.explained:visible')
      const words = page.getByRole('tooltip')
      expect(await explained.count()).toBeGreaterThan(15)
      for (const one of await explained.all()) {
        await one.focus()
        await words.waitFor()
        const box = await words.boundingBox()
        const name = await one.textContent()
        expect(box?.x, name ?? '').toBeGreaterThanOrEqual(0)
        expect(box?.y, name ?? '').toBeGreaterThanOrEqual(0)
        expect((box?.x ?? 0) + (box?.width ?? 0), name ?? '').toBeLessThanOrEqual(viewport.width)
        expect((box?.y ?? 0) + (box?.height ?? 0), name ?? '').toBeLessThanOrEqual(viewport.height)
        await page.keyboard.press('Escape')
        await expect.poll(() => words.count()).toBe(0)
      }
      // Not its name alone: the whole tile explains itself.
      await page.locator('[data-tile=main_orders] .main').hover({ force: true })
      await words.waitFor()
      await words.hover()
      expect(await words.count()).toBe(1)
      expect(await words.textContent()).toContain('one paid checkout counts once')
      await page.keyboard.press('Escape')
      await expect.poll(() => words.count()).toBe(0)

      await page.getByRole('button', { name: /^Menu of/ }).click()
      const settings = page.getByRole('link', { name: 'Settings' })
      await settings.waitFor()
      await page.keyboard.press('Escape')
      await settings.waitFor({ state: 'hidden' })
      await page.mouse.move(0, 0)
    },
  )

  test.each(screens)(
    '[PAGE-1] comparisons arrive later and move nothing on %s',
    async (_, viewport) => {
      await using page = await site.browser.newPage({ viewport })
      const { promise: asked, resolve: answer } = Promise.withResolvers<void>()
      await page.route('**/baseline', async (route) => {
        await asked
        await route.continue()
      })
      await page.goto(`${site.server.url}/c/mira`)
      const moved = await watchMoves(page)
      answer()
      await page
        .locator('[data-tile=gmv] [data-with=usual][data-direction]')
        .waitFor({ state: 'attached' })
      expect(await moved()).toEqual([])
    },
  )
})
