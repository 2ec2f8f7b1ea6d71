import { MINUTE_MS } from '@creatorflow/shared/live-state'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { describeInBrowser } from './site.ts'

const HOUR_MS = 3_600_000

interface Verdict {
  readonly text: string
  readonly colour: string
  /** The tokens of that color. */
  readonly names: readonly string[]
}

/** Every text that shows a change with an arrow, or is marked as better or worse. */
const verdicts = `(() => {
  const probe = document.body.appendChild(document.createElement('i'))
  const colourOf = (name) => {
    probe.style.color = 'var(--' + name + ')'
    return getComputedStyle(probe).color
  }
  const tokens = ['better', 'worse', 'attention', 'money', 'people', 'love', 'muted', 'dim', 'text']
    .map((name) => [name, colourOf(name)])
  probe.remove()
  return [...document.querySelectorAll('main *')]
    .filter((one) => one.checkVisibility() && (one.matches('.better, .worse') ||
      [...one.childNodes].some((node) => node.nodeType === 3 && /[▲▼]/.test(node.data))))
    .map((one) => {
      const colour = getComputedStyle(one).color
      return {
        text: one.textContent.replace(/\\s+/g, ' ').trim(),
        colour,
        names: tokens.flatMap(([name, of]) => (of === colour ? [name] : [])),
      }
    })
})()`

describeInBrowser('one meaning, one color', (site) => {
  const live = (sessionId: string, hoursAgo: number, minutes: number, rate: number) =>
    simulateLive({
      seed: sessionId,
      creatorId: 'falls',
      sessionId,
      startAt: Date.now() - hoursAgo * HOUR_MS,
      durationMs: minutes * MINUTE_MS,
      rate,
      currency: 'USD',
      timeZone: 'UTC',
      aftermath: false,
    }).events.filter(({ ts }) => ts <= Date.now())

  beforeAll(async () => {
    await site.newCreator('falls')
    for (const day of [4, 3, 2]) await site.send(live(`day-${day}`, 24 * day, 30, 0.5))
    await site.send(live('weak', 24, 30, 0.15))
    // On air since half an hour, and behind what is usual.
    await site.send(live('now', 0.5, 60, 0.1))
  })

  const pages: [string, string, string][] = [
    ['the cockpit', '', '[data-tile=gmv] .worse'],
    ['a summary', '/lives/weak', '[data-testid=summary] .worse'],
    ['a comparison', '/compare?a=weak&b=day-2', '[data-testid=comparison] .worse'],
  ]
  test.each(['dark', 'light'] as const)(
    '[PAGE-15] worse is the same color on every page that compares, and never color alone, %s',
    async (colorScheme) => {
      const colours = new Set<string>()
      for (const [name, path, there] of pages) {
        await using page = await site.open(`/c/falls${path}`, { colorScheme })
        await page.locator(there).first().waitFor({ timeout: 20_000 })
        const shown = await page.evaluate<Verdict[]>(verdicts)
        const worse = shown.filter(({ names }) => names.includes('worse'))
        expect(worse.length, name).toBeGreaterThan(0)
        for (const { text, colour } of worse) {
          expect(text, name).toMatch(/[▲▼]|lower|lowest|below|worst|down|up/i)
          colours.add(colour)
        }
        // An arrow is better, worse or neither: never what asks for attention, and no metric's own color.
        for (const { text, names } of shown) {
          expect(names, `${name}: ${text}`).not.toContain('attention')
          expect(['better', 'worse', 'muted', 'dim', 'text'], `${name}: ${text}`).toContain(
            names[0] ?? 'another color',
          )
        }
      }
      expect(colours.size).toBe(1)
    },
  )

  test('[PAGE-15] on a 4K screen no text is under 24 pixels and no third of the screen is empty', async () => {
    await using page = await site.open('/c/falls', { viewport: { width: 3840, height: 2160 } })
    await page.locator('[data-tile=gmv] .worse').first().waitFor({ timeout: 20_000 })
    await page.getByTestId('crowd').locator('li').first().waitFor()
    expect(await smallText(page)).toEqual([])
    const filled = await page.evaluate<number[]>(`[0, 1, 2].map((third) => {
      let points = 0
      let panels = 0
      for (let x = 40 + third * innerWidth / 3; x < (third + 1) * innerWidth / 3; x += 40) {
        for (let y = 40; y < innerHeight; y += 40) {
          points++
          if (document.elementFromPoint(x, y)?.closest('.panel, [data-tile], header')) panels++
        }
      }
      return panels / points
    })`)
    for (const part of filled) expect(part).toBeGreaterThan(0.6)
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  })
})

/** What is written smaller than 24 pixels of the screen. */
function smallText(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('body *')].flatMap((one) => {
    const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '')
    if (!own || !one.checkVisibility() || one.closest('.visually-hidden')) return []
    const size = parseFloat(getComputedStyle(one).fontSize) * (one.currentCSSZoom ?? 1)
    return size < 23.5 ? [one.textContent.trim().slice(0, 40) + ' ' + size] : []
  })`)
}
