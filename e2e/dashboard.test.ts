import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import type { Page } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { serverProcess } from './server-process.ts'
import { describeInBrowser, developerForm } from './site.ts'

const shown = ['gmv', 'main_orders', 'diamonds'] as const

describeInBrowser('a first run', (site) => {
  test('[DEMO-1] a demo LIVE starts with one click, is labelled, moves, and can be deleted', async () => {
    await using page = await site.open('/')
    const start = page.locator('[data-testid=start-demo]')
    await start.waitFor()
    await start.click()
    await page.locator('[data-testid=demo-banner]').waitFor({ timeout: 60_000 })
    await expect.poll(() => seqOf(page), { timeout: 20_000 }).toBeGreaterThan(100)
    const before = await seqOf(page)
    await expect.poll(() => seqOf(page), { timeout: 20_000 }).toBeGreaterThan(before + 20)
    // The LIVE of the day before is there to be compared with.
    await expect
      .poll(() => page.locator('[data-tile=gmv] [data-with=last]').getAttribute('data-reference'), {
        timeout: 20_000,
      })
      .toMatch(/^[1-9]/)
    await page.getByTestId('end-demo').click()
    const ask = page.getByRole('dialog', { name: 'End the demo?' })
    await ask.waitFor()
    // A key pressed too early does the harmless thing.
    await page.keyboard.press('Enter')
    await ask.waitFor({ state: 'hidden' })
    expect(await page.getByTestId('demo-banner').isVisible()).toBe(true)
    await page.getByTestId('end-demo').click()
    await ask.getByRole('button', { name: 'End and delete demo' }).click()
    await expect
      .poll(async () => (await fetch(`${site.server.url}/api/v1/creators`)).text(), {
        timeout: 20_000,
      })
      .not.toContain('"demo"')
  })

  test('[PAGE-2][P8] a first run asks for the creator, then events move the page to their truth', async () => {
    await using page = await site.open('/')
    const form = await developerForm(page)
    await form.locator('input').first().fill('Mira’s Vintage')
    await form.locator('button').last().click()
    await page.locator('[data-testid=no-live]').waitFor()
    expect(page.url()).toMatch(/\/c\/[a-z0-9_-]+$/)

    const creatorId = page.url().split('/').at(-1) ?? ''
    const { events, truth } = lateLive('first', creatorId)
    await site.send(events)
    await expectShown(page, truth.totals)
    expect(await stateOf(page)).toBe('live')
  })

  let kept: Page | undefined
  afterAll(() => kept?.close())

  test.each(['日本の店', 'ร้าน', '🛍️', 'Demo', 'Mira’s Vintage'])(
    '[PAGE-2] a creator called %s is made from its name alone',
    async (name) => {
      kept ??= await site.open('/')
      const page = kept
      await page.goto(site.server.url)
      const form = await developerForm(page)
      await form.getByRole('textbox', { name: 'Name' }).fill(name)
      expect(await form.getByRole('textbox', { name: 'ID' }).isVisible()).toBe(false)
      await form.getByRole('button', { name: 'Create' }).click()
      await page.locator('[data-testid=no-live]').waitFor()
      expect(page.url()).toMatch(/\/c\/[a-z0-9_-]+$/)
      expect(await page.title()).toContain(name)
    },
  )

  test('[PAGE-1][P3] killed and restarted: the page says so and is exact again', async () => {
    await site.newCreator('restart', { time_zone: 'Europe/Berlin' })
    const { events, truth } = lateLive('restart', 'restart')
    const half = Math.floor(events.length / 2)
    await site.send(events.slice(0, half))
    await using page = await site.open('/c/restart')
    await expect.poll(() => seqOf(page), { timeout: 10_000 }).toBe(half)
    expect(await stateOf(page)).toBe('live')

    await site.server.kill()
    await expect.poll(() => stateOf(page), { timeout: 5_000 }).toMatch(/offline|stale/)
    await site.server.start()
    await site.send(events)
    await expectShown(page, truth.totals)
    await expect.poll(() => stateOf(page), { timeout: 10_000 }).toBe('live')
  })

  test('[ACCESS-6] elsewhere than at the machine the page asks for e-mail and password, and shows what one may see', async () => {
    await using elsewhere = await serverProcess({ HOST: '0.0.0.0' })
    await elsewhere.start()
    const [, token] = /\/welcome#token=([\w-]+)/.exec(elsewhere.output) ?? []
    const owner = { email: 'mira@example.com', password: 'vier blaue Fahrraeder' }
    const post = (path: string, body: object, cookie = '') =>
      fetch(elsewhere.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie },
        body: JSON.stringify(body),
      })
    const made = await post('/api/v1/welcome', { token, name: 'Mira', ...owner })
    const cookie = made.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const creator = { id: 'mira', name: 'Mira’s Vintage', time_zone: 'UTC', currency: 'USD' }
    expect((await post('/api/v1/creators', creator, cookie)).status).toBe(201)

    await using page = await site.browser.newPage()
    await page.goto(`${elsewhere.url}/c/mira`)
    await page.getByLabel('E-mail').fill(owner.email)
    await page.getByLabel('Password', { exact: true }).fill('something else entirely')
    await page.locator('button[type=submit]').click()
    await page.locator('[role=alert]').waitFor()
    await page.getByLabel('Password', { exact: true }).fill(owner.password)
    await page.locator('button[type=submit]').click()
    await page.locator('[data-testid=no-live]').waitFor()
    await expect.poll(() => stateOf(page)).toBe('live')
    // Signed out in another tab: this one stops and asks again.
    await page.evaluate(() => fetch('/api/v1/sign-in', { method: 'DELETE' }))
    await page.getByLabel('E-mail').waitFor({ timeout: 5_000 })
  })

  async function expectShown(page: Page, totals: Readonly<Record<string, number>>): Promise<void> {
    for (const metric of shown) {
      await expect
        .poll(() => shownValue(page, metric), { timeout: 15_000, message: metric })
        .toBe(totals[metric] ?? 0)
    }
  }
})

/** A short LIVE that has just ended, so that all its events are of the past. */
function lateLive(seed: string, creatorId: string) {
  return simulateLive({
    seed,
    creatorId,
    sessionId: `${seed}-live`,
    startAt: Date.now() - 200_000,
    durationMs: 180_000,
    currency: 'USD',
    timeZone: 'UTC',
    aftermath: false,
  })
}

async function shownValue(page: Page, metric: string): Promise<number> {
  const tile = page.locator(`[data-metric=${metric}]`).first()
  return Number(await tile.getAttribute('data-value'))
}

async function seqOf(page: Page): Promise<number> {
  return Number(await page.locator('[data-testid=seq]').getAttribute('data-seq'))
}

function stateOf(page: Page): Promise<string | null> {
  return page.locator('[data-testid=connection]').getAttribute('data-state')
}
