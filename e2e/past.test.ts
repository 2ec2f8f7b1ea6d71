import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { describeInBrowser, moving, watchMoves } from './site.ts'

const shown = ['gmv', 'main_orders', 'diamonds'] as const
const HOUR_MS = 3_600_000

describeInBrowser('past LIVEs', (site) => {
  const lives = [26, 2].map((hoursAgo, n) =>
    simulateLive({
      seed: `past/${n}`,
      creatorId: 'past',
      // A valid but unusual session id.
      sessionId: `${n}/a b?#`,
      title: `Evening ${n}, with a name as long as people give them`,
      startAt: Date.now() - hoursAgo * HOUR_MS,
      durationMs: 6 * 60_000,
      rate: 0.3,
      currency: 'USD',
      timeZone: 'UTC',
      aftermath: false,
    }),
  )
  const [older, newer] = lives

  beforeAll(async () => {
    await site.newCreator('past')
    for (const { events } of lives) await site.send(events)
  })

  test("[PAST-8] a replay plays on the cockpit's panels, and at its end they show the LIVE's totals", async () => {
    await using page = await site.open('/c/past')
    // From the cockpit of a finished LIVE, by its own links.
    await page.locator('[data-testid=ended] a', { hasText: 'Replay' }).click()
    await page.locator('[data-testid=play]').waitFor({ timeout: 20_000 })
    const totals = newer?.truth.totals ?? {}
    await page.locator('[data-testid=to-end]').click()
    for (const metric of shown) {
      await expect
        .poll(() => shownValue(page, metric), { timeout: 20_000, message: metric })
        .toBe(totals[metric] ?? 0)
    }
    expect(await page.locator('[data-testid=live-status]').count()).toBe(0)

    // Back to a minute, to what had happened by then.
    await page.locator('[data-testid=best-minute]').first().click()
    const at = () => page.locator('[data-testid=seq]').getAttribute('data-at')
    await expect.poll(at, { timeout: 20_000 }).toMatch(/^\d+$/)
    const moment = Number(await page.locator('[data-testid=replay-at]').getAttribute('data-at'))
    await expect.poll(at).toBe(String(moment))
    const paid = newer?.events.filter(
      ({ type, ts, currency }) =>
        type === 'payment_completed' && ts <= moment && (currency ?? 'USD') === 'USD',
    )
    const gmv = paid?.reduce((sum, { amount }) => sum + (amount ?? 0), 0)
    await expect.poll(() => shownValue(page, 'gmv')).toBe(gmv)

    // Space plays and pauses where it presses nothing else, and the sheet says so.
    await page.locator('[data-testid=best-minute]').first().blur()
    const play = page.locator('[data-testid=play]')
    await page.keyboard.press('Space')
    await expect.poll(() => play.innerText()).toContain('Pause')
    await page.keyboard.press('Space')
    await expect.poll(() => play.innerText()).not.toContain('Pause')
    await page.keyboard.press('?')
    await page.getByRole('dialog').getByText('Play or pause the replay').waitFor()
    await page.keyboard.press('Escape')

    // By keyboard: faster, and forward.
    await page.getByRole('radio', { name: '60×' }).focus()
    await page.keyboard.press('Space')
    await play.focus()
    await page.keyboard.press('Enter')
    await expect.poll(async () => Number(await at()), { timeout: 20_000 }).toBeGreaterThan(moment)
  })

  test('[PAGE-5] while minutes pass and every number changes, the layout does not move', async () => {
    const path = `/c/past/lives/${encodeURIComponent('1/a b?#')}/replay`
    await using page = await site.open(path, moving)
    const play = page.locator('[data-testid=play]')
    await play.waitFor({ timeout: 20_000 })
    await page.getByRole('slider').press('Home')
    const at = () => page.locator('[data-testid=seq]').getAttribute('data-at').then(Number)
    await expect.poll(at, { timeout: 20_000 }).toBeGreaterThan(0)
    await page.getByRole('radio', { name: '60×' }).check()
    const clicks = () =>
      page.locator('[data-tile=product_clicks] [data-metric]').first().innerText()
    const [from, before] = [await at(), await clicks()]
    const moved = await watchMoves(page)
    await play.click()
    await expect.poll(at, { timeout: 20_000 }).toBeGreaterThan(from + 2 * 60_000)
    expect(await clicks()).not.toBe(before)
    expect(await moved()).toEqual([])
  })

  test('[PAST-9] when a LIVE has ended, its cockpit links to the summary, whose numbers are right', async () => {
    await using page = await site.open('/c/past')
    await page.locator('[data-testid=ended] a', { hasText: 'summary' }).click()
    const summary = page.locator('[data-testid=summary]')
    await summary.waitFor({ timeout: 20_000 })
    for (const metric of [...shown, 'comments', 'likes'] as const) {
      const value = summary.locator(`[data-testid=key-numbers] [data-metric=${metric}]`)
      expect(Number(await value.getAttribute('data-value')), metric).toBe(
        newer?.truth.totals[metric] ?? 0,
      )
    }
    await expect
      .poll(() => page.locator('[data-testid=headline]').textContent(), { timeout: 20_000 })
      .toMatch(/^\$[\d,.]+ in \d+ min.* the last LIVE$/)

    const pdf = await page.pdf({ preferCSSPageSize: true })
    // A4 pages, and not many.
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0
    expect(pages).toBeGreaterThan(0)
    expect(pages).toBeLessThanOrEqual(3)
  })

  test('[PAST-7] the history lists all LIVEs, and any two can be compared side by side', async () => {
    await using page = await site.open('/c/past/history')
    const rows = page.locator('[data-live]')
    await expect.poll(() => rows.count(), { timeout: 20_000 }).toBe(2)
    const listed = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-gmv')))
    expect(listed).toEqual([newer, older].map((live) => String(live?.truth.totals.gmv ?? 0)))
    for (const box of await page.getByRole('checkbox').all()) await box.check()
    await page.locator('[data-testid=compare]').click()
    await page.locator('[data-testid=comparison]').waitFor({ timeout: 20_000 })
    const values = await page
      .locator('[data-row=gmv] [data-metric=gmv]')
      .evaluateAll((all) => all.map((cell) => cell.getAttribute('data-value')))
    expect(values).toEqual(listed)
  })

  test.each([
    ['the history', 'history', '[data-live]'],
    ['a comparison', 'compare?a=0%2Fa+b%3F%23&b=1%2Fa+b%3F%23', '[data-testid=comparison]'],
    ['a summary', 'lives/0%2Fa%20b%3F%23', '[data-testid=summary]'],
    ['a replay', 'lives/0%2Fa%20b%3F%23/replay', '[data-testid=play]'],
  ])('[PAGE-5] %s is not wider than a phone', async (_, path, here) => {
    await using page = await site.open(`/c/past/${path}`, { viewport: { width: 390, height: 844 } })
    await page.locator(here).first().waitFor({ timeout: 20_000 })
    await page.waitForLoadState('networkidle')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
  })

  test("[PAST-7] long after the last LIVE, a creator's page is the list of its LIVEs", async () => {
    await site.newCreator('quiet')
    const ts = Date.now() - 30 * HOUR_MS
    const of = { creator_id: 'quiet', session_id: 'long-ago' }
    await site.send([
      { id: 'start', type: 'live_started', ...of, ts },
      { id: 'end', type: 'live_ended', ...of, ts: ts + HOUR_MS },
    ])
    await using page = await site.open('/c/quiet')
    await page.locator('[data-testid=overview] [data-live=long-ago]').waitFor({ timeout: 20_000 })
    await page.locator('[data-live=long-ago] th a').click()
    await page.locator('[data-testid=summary]').waitFor({ timeout: 20_000 })
  })
})

async function shownValue(page: Page, metric: string): Promise<number> {
  const tile = page.locator(`[data-metric=${metric}]`).first()
  return Number(await tile.getAttribute('data-value'))
}
