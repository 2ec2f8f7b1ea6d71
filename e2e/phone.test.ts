import { MINUTE_MS } from '@creatorflow/shared/live-state'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { beforeAll, expect, test } from 'vitest'
import { describeInBrowser } from './site.ts'

const phone = { width: 390, height: 844 }

describeInBrowser('the cockpit on a phone', (site) => {
  beforeAll(async () => {
    await site.newCreator('phone')
    const { events } = simulateLive({
      seed: 'phone',
      creatorId: 'phone',
      sessionId: 'phone-live',
      startAt: Date.now() - 12 * MINUTE_MS,
      durationMs: 60 * MINUTE_MS,
      rate: 0.3,
      currency: 'USD',
      timeZone: 'UTC',
      aftermath: false,
    })
    await site.send(events.filter(({ ts }) => ts <= Date.now()))
  })

  test('[PAGE-17] GMV, status and clock stay in sight, in a bar that takes little', async () => {
    await using page = await site.open('/c/phone', { viewport: phone })
    await page.getByTestId('crowd').waitFor({ state: 'attached' })
    await page.evaluate('scrollTo(0, document.body.scrollHeight)')
    await expect.poll(() => page.evaluate<number>('scrollY')).toBeGreaterThan(200)
    const inSight = async () => {
      for (const id of ['bar-gmv', 'live-status', 'connection', 'menu']) {
        const box = await page.getByTestId(id).boundingBox()
        expect(box?.y, id).toBeGreaterThanOrEqual(0)
        expect((box?.y ?? 0) + (box?.height ?? 0), id).toBeLessThanOrEqual(phone.height * 0.1)
        expect((box?.x ?? 0) + (box?.width ?? 0), id).toBeLessThanOrEqual(phone.width)
      }
    }
    await inSight()
    const written = await page.locator('[data-tile=gmv] .main').innerText()
    const shown = await page.getByTestId('bar-gmv').innerText()
    expect(shown.replace(/\D/g, '').slice(0, 2)).toBe(written.replace(/\D/g, '').slice(0, 2))
    await page.context().setOffline(true)
    const state = () => page.getByTestId('connection').getAttribute('data-state')
    await expect.poll(state, { timeout: 20_000 }).toMatch(/stale|offline/)
    await inSight()
  })

  test('[PAGE-17] panels are swiped to, by a row of names too, and products begin within two screens', async () => {
    await using page = await site.open('/c/phone', { viewport: phone, reducedMotion: 'reduce' })
    await page.getByTestId('crowd').waitFor({ state: 'attached' })
    const sections = page.getByRole('navigation', { name: 'Panels' })
    const lefts = () =>
      page.evaluate<Record<string, number>>(
        `Object.fromEntries([...document.querySelectorAll('[data-panel]')].map((one) =>
          [one.dataset.panel, Math.round(one.getBoundingClientRect().left)]))`,
      )
    expect(Object.entries(await lefts()).filter(([, left]) => left < phone.width)).toEqual([
      ['gmv', 14],
    ])
    await sections.getByRole('button', { name: 'Products' }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => lefts().then(({ products }) => products)).toBe(14)
    await expect.poll(() => sections.locator('[aria-current]').innerText()).toBe('Products')
    const top = await page.evaluate<number>(
      `document.querySelector('[data-panel=products]').getBoundingClientRect().top + scrollY`,
    )
    expect(top).toBeLessThan(2 * phone.height)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(phone.width)
  })

  test('[PAGE-17] whatever is tapped is at least 24 pixels wide and high', async () => {
    await using page = await site.open('/c/phone', { viewport: phone })
    await page.getByTestId('crowd').waitFor({ state: 'attached' })
    // What explains a tile covers all of it; a link within a line of text is as high as the line.
    const small = await page.evaluate<string[]>(`
      [...document.querySelectorAll('main button, main a, main select, main input, nav a')].flatMap((one) => {
        if (!one.checkVisibility() || one.matches('.explained, p a, dd a, [data-panel] *')) return []
        const { width, height } = one.getBoundingClientRect()
        return width < 24 || height < 24 ? [one.outerHTML.slice(0, 120) + ' ' + width + '×' + height] : []
      })`)
    expect(small).toEqual([])
  })
})
