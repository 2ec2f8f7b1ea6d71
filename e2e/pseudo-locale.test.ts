import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { MINUTE_MS } from '@creatorflow/shared/live-state'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { beforeAll, expect, test } from 'vitest'
import { buildClient, buildFolder, isClientStale } from '../scripts/client-build.ts'
import { pseudoFaults, serveBuild } from './locale-check.ts'
import { describeInBrowser } from './site.ts'

const sizes = {
  laptop: { width: 1366, height: 768 },
  phone: { width: 390, height: 844 },
} as const

/** Every page, by its address in the world of this test. */
const addresses = globSync('**/+page.svelte', {
  cwd: join(import.meta.dirname, '../client/src/routes'),
})
  .map((file) => `/${dirname(file)}`.replace(/^\/\.$/, '/'))
  // The reference and the page of the design are English.
  .filter((route) => route !== '/docs' && route !== '/design')
  .map((route) =>
    route
      .replace('[creator]', 'pseudo')
      .replace('[session]', 'second')
      .replace('[...path]', 'nope')
      .replace('/compare', '/compare?a=first&b=second'),
  )
  .sort()

/** What is there once a page has its content. */
const shows: Readonly<Record<string, string>> = {
  '/c/pseudo': '[data-testid=crowd]',
  '/c/fresh': '[data-testid=no-live]',
  '/c/pseudo/history': '[data-testid=power-hours]',
  '/c/pseudo/compare?a=first&b=second': '[data-testid=comparison]',
  '/c/pseudo/lives/second': '[data-testid=headline]',
  '/c/pseudo/lives/second/replay': '[data-testid=play]',
}

describeInBrowser('pages in a pseudo-locale', (site) => {
  /** What products, LIVEs and people are called. */
  const names = new Set<string>()

  beforeAll(async () => {
    if (isClientStale('en-XA') && !buildClient('en-XA')) throw new Error('no build of en-XA')
    const now = Date.now()
    const live = (name: string, startAt: number, minutes: number) =>
      simulateLive({
        seed: name,
        creatorId: 'pseudo',
        sessionId: name,
        startAt,
        durationMs: minutes * MINUTE_MS,
        rate: 0.3,
        currency: 'USD',
        timeZone: 'UTC',
        aftermath: false,
      }).events
    const events = [
      ...live('first', now - 15 * 86_400_000, 10),
      ...live('second', now - 8 * 86_400_000, 10),
      ...live('running', now - 8 * MINUTE_MS, 60).filter(({ ts }) => ts <= now),
    ]
    JSON.stringify(events, (key, value) => {
      if (['name', 'title', 'handle', 'product_name'].includes(key)) names.add(value)
      return value
    })
    await site.newCreator('pseudo')
    await site.send(events)
    await site.post('/api/v1/creators/pseudo/goal', {
      session_id: 'running',
      metric: 'gmv',
      target: 98_765_400,
    })
    await site.newCreator('fresh')
  })

  test('[PAGE-4] what is delivered speaks English alone', () => {
    const folder = buildFolder()
    const files = globSync('**/*.{js,html}', { cwd: folder })
    expect(files.length).toBeGreaterThan(10)
    for (const file of files) {
      expect(readFileSync(join(folder, file), 'utf8').includes('⟦'), file).toBe(false)
    }
  })

  test('[PAGE-4] with longer words, also mirrored, every text is a message, none is cut, and no page scrolls sideways', async () => {
    const faults: Record<string, string[]> = {}
    await using context = await site.browser.newContext({
      viewport: sizes.laptop,
      reducedMotion: 'reduce',
    })
    await serveBuild(context, buildFolder('en-XA'))
    await using page = await context.newPage()
    for (const address of [...addresses, '/c/fresh']) {
      await page.goto(site.server.url + address)
      const content = page.locator(shows[address] ?? 'main').first()
      await content.waitFor({ state: 'attached' })
      // The cockpit asks again and again.
      if (!address.startsWith('/c/')) await page.waitForLoadState('networkidle')
      for (const direction of ['ltr', 'rtl']) {
        await page.evaluate(`document.documentElement.dir = '${direction}'`)
        for (const [size, viewport] of Object.entries(sizes)) {
          await page.setViewportSize(viewport)
          // Layout follows the size in the next frame.
          await page.evaluate(
            'new Promise((done) => requestAnimationFrame(() => setTimeout(done)))',
          )
          const found = await page.evaluate<string[]>(pseudoFaults([...names]))
          if (found.length > 0) faults[`${address} on a ${size}, ${direction}`] = found
        }
      }
    }
    expect(faults).toEqual({})
  })
})
