import { MINUTE_MS } from '@creatorflow/shared/live-state'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { describeInBrowser } from './site.ts'

describeInBrowser('the choice of tiles', (site) => {
  beforeAll(async () => {
    for (const id of ['mira', 'other']) {
      await site.newCreator(id)
      const { events } = simulateLive({
        seed: id,
        creatorId: id,
        sessionId: `${id}-live`,
        startAt: Date.now() - 8 * MINUTE_MS,
        durationMs: 7 * MINUTE_MS,
        rate: 0.2,
        currency: 'USD',
        timeZone: 'UTC',
        aftermath: false,
      })
      await site.send(events)
    }
  })

  test('[PAGE-16] tiles are ordered and hidden by keyboard, told in words, kept, undone and reset, for one creator', async () => {
    await using page = await site.open('/c/mira')
    const before = await tilesOf(page)
    expect(before.slice(0, 5)).toEqual(['gmv', 'main_orders', 'peak_viewers', 'ctr', 'c_o_rate'])
    await page.getByTestId('choose-tiles').focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Choose tiles' })
    await dialog.waitFor()

    const up = dialog.getByRole('button', { name: 'Move AOV up' })
    await up.focus()
    await page.keyboard.press('Enter')
    await expect
      .poll(() => dialog.getByRole('status').textContent())
      .toBe('AOV is now tile 4 of 13.')
    // The focus goes along, so that one can press again.
    await page.keyboard.press('Enter')
    await expect.poll(() => tilesOf(page).then((all) => all[3])).toBe('aov')

    const hide = dialog.getByRole('button', { name: 'Hide Likes' })
    await hide.focus()
    await page.keyboard.press('Enter')
    await dialog.getByRole('button', { name: 'Show Likes' }).waitFor()
    expect(await tilesOf(page)).not.toContain('likes')
    await dialog.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => tilesOf(page)).toContain('likes')
    await dialog.getByRole('button', { name: 'Show Refunds' }).click()
    await expect.poll(() => tilesOf(page).then((all) => all.at(-1))).toBe('refunds')
    await dialog.getByRole('button', { name: 'Done' }).click()
    const chosen = await tilesOf(page)

    await page.reload()
    await expect.poll(() => tilesOf(page)).toEqual(chosen)
    await page.goto(`${site.server.url}/c/other`)
    await expect.poll(() => tilesOf(page)).toEqual(before)

    await page.goto(`${site.server.url}/c/mira`)
    await page.getByTestId('choose-tiles').click()
    await dialog.getByRole('button', { name: 'Reset' }).click()
    await expect.poll(() => tilesOf(page)).toEqual(before)
  })

  test('[PAGE-16] a preset shows what a host, a manager or an agency looks at', async () => {
    await using page = await site.open('/c/mira')
    await page.getByTestId('choose-tiles').click()
    const dialog = page.getByRole('dialog', { name: 'Choose tiles' })
    for (const [name, first] of [
      ['Manager', 'main_orders aov'],
      ['Agency', 'peak_viewers watch_gpm'],
      ['Host', 'main_orders peak_viewers'],
    ] as const) {
      const preset = dialog.getByRole('button', { name })
      await preset.click()
      await expect.poll(() => preset.getAttribute('aria-pressed')).toBe('true')
      await expect.poll(() => tilesOf(page).then((all) => all.slice(1, 3).join(' '))).toBe(first)
    }
  })

  /** The tiles in reading order. */
  async function tilesOf(page: Page): Promise<string[]> {
    await page.locator('[data-tile=gmv]').waitFor()
    return page.evaluate<string[]>(
      `[...document.querySelectorAll('[data-tile]')].map(({ dataset }) => dataset.tile)`,
    )
  }
})
