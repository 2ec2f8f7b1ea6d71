import type { Reply } from '@creatorflow/shared/endpoint'
import type { getBaseline } from '@creatorflow/shared/features/baseline'
import { funnelSteps } from '@creatorflow/shared/present'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browserPath } from '../scripts/test/backends.ts'
import { type ServerProcess, serverProcess } from './server-process.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

describe.skipIf(!browserPath())('the tiles in a browser', () => {
  let server: ServerProcess
  let browser: Browser

  beforeAll(async () => {
    server = await serverProcess()
    await server.start()
    browser = await chromium.launch({
      executablePath: browserPath() ?? '',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
    })
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  const post = (path: string, body: unknown) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server.url },
      body: JSON.stringify(body),
    })

  test('[TILE-6][FUN-1] tiles and funnel show the truth beside the usual, reached by keyboard, and nothing moves', async () => {
    await post('/api/v1/creators', { id: 'mira', name: 'Mira', time_zone: 'UTC', currency: 'USD' })
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
    const send = async (events: readonly object[]) => {
      for (let at = 0; at < events.length; at += 500) {
        expect((await post('/api/v1/events', events.slice(at, at + 500))).status).toBe(200)
      }
    }
    const now = Date.now()
    for (const n of [1, 2, 3]) await send(live(n, now - n * DAY_MS, 14).events)
    // It ended a moment ago: no number changes by itself any more.
    const { events, truth } = live(9, now - 13 * MINUTE_MS, 12)
    // Its end is told first: what comes now changes numbers, and nothing else.
    const isEnd = ({ type }: { readonly type: string }) => type === 'live_ended'
    const others = events.filter((event) => !isEnd(event))
    const last = others.slice(-60)
    await send([...others.slice(0, -60), ...events.filter(isEnd)])

    await using page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
    await page.goto(`${server.url}/c/mira`)
    await page
      .locator('[data-tile=gmv] [data-with=usual][data-direction]')
      .waitFor({ state: 'attached' })
    await page.evaluate(`{
      globalThis.moved = []
      const observer = new PerformanceObserver((list) => {
        for (const { value } of list.getEntries()) moved.push(value)
      })
      observer.observe({ type: 'layout-shift' })
    }`)
    await send(last)
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

    const answer = await fetch(`${server.url}/api/v1/creators/mira/lives/live-9/baseline`)
    const baseline = (await answer.json()) as Reply<typeof getBaseline>
    const shown = await page
      .locator('[data-tile=likes] [data-with=last]')
      .getAttribute('data-reference')
      .then(Number)
    const likes = baseline.previous?.totals.likes ?? []
    expect(shown).toBeGreaterThanOrEqual(likes[10] ?? 0)
    expect(shown).toBeLessThanOrEqual(likes.at(-1) ?? 0)
    expect(await page.locator('[data-step=views] .tick').count()).toBe(1)

    // A tile, a row or a panel that moves is far more; words of a line may follow those before them.
    const moved = (await page.evaluate('moved')) as number[]
    expect(moved.filter((share) => share >= 0.002)).toEqual([])
    await page.locator('[data-tile=c_o_rate] button').focus()
    const words = page.locator('[data-tile=c_o_rate] [role=tooltip]')
    expect(await words.isVisible()).toBe(true)
    expect(await words.textContent()).toContain('paid SKU orders ÷ product clicks')
    expect(await words.textContent()).toMatch(/last LIVE/)
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThanOrEqual(1080)
  })
})
