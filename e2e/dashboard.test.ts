import type { SimulatedEvent } from '@creatorflow/shared/simulator/simulate-live'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browserPath } from '../scripts/test/backends.ts'
import { type ServerProcess, serverProcess } from './server-process.ts'

const shown = ['gmv', 'main_orders', 'diamonds'] as const

describe.skipIf(!browserPath())('in a browser', () => {
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

  test('[UI-3] a demo LIVE starts with one click, is labelled, moves, and can be deleted', async () => {
    await using page = await openPage('/')
    const start = page.locator('[data-testid=start-demo]')
    await start.waitFor()
    await start.click()
    await page.locator('[data-testid=demo-banner]').waitFor()
    await expect.poll(() => seqOf(page), { timeout: 20_000 }).toBeGreaterThan(100)
    const before = await seqOf(page)
    await expect.poll(() => seqOf(page), { timeout: 20_000 }).toBeGreaterThan(before + 20)
    // The LIVE of the day before is there to be compared with.
    await expect
      .poll(
        () =>
          page.locator('[data-tile=main_orders] [data-with=last]').getAttribute('data-reference'),
        {
          timeout: 60_000,
        },
      )
      .toMatch(/^[1-9]/)
    page.on('dialog', (dialog) => void dialog.accept())
    await page.locator('[data-testid=delete-demo]').click()
    await expect
      .poll(async () => JSON.stringify(await (await call('GET', '/api/v1/creators')).json()), {
        timeout: 20_000,
      })
      .not.toContain('"demo"')
  })

  test('[UI-1][P8] a first run asks for the creator, then events move the page to their truth', async () => {
    await using page = await openPage('/')
    const form = page.locator('[data-testid=new-creator]')
    await form.waitFor()
    await form.locator('input').first().fill('Mira’s Vintage')
    await form.locator('button').last().click()
    await page.locator('[data-testid=no-live]').waitFor()
    expect(page.url()).toMatch(/\/c\/[a-z0-9_-]+$/)

    const creatorId = page.url().split('/').at(-1) ?? ''
    const { events, truth } = lateLive('first', creatorId)
    for (let at = 0; at < events.length; at += 100) await send(events.slice(at, at + 100))
    await expectShown(page, truth.totals)
    expect(await stateOf(page)).toBe('live')
  })

  test('[UI-2][P3] killed and restarted: the page says so and is exact again', async () => {
    const created = await call('POST', '/api/v1/creators', {
      id: 'restart',
      name: 'Restart',
      time_zone: 'Europe/Berlin',
      currency: 'USD',
    })
    expect(created.status).toBe(201)
    const { events, truth } = lateLive('restart', 'restart')
    const half = Math.floor(events.length / 2)
    await send(events.slice(0, half))
    await using page = await openPage('/c/restart')
    await expect.poll(() => seqOf(page), { timeout: 10_000 }).toBe(half)
    expect(await stateOf(page)).toBe('live')

    await server.kill()
    await expect.poll(() => stateOf(page), { timeout: 5_000 }).toMatch(/offline|stale/)
    await server.start()
    await send(events)
    await expectShown(page, truth.totals)
    await expect.poll(() => stateOf(page), { timeout: 10_000 }).toBe('live')
  })

  test('[UI-4] elsewhere than at the machine the page asks for e-mail and password, and shows what one may see', async () => {
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

    await using page = await openPage('/c/mira', elsewhere.url)
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

  async function openPage(path: string, at = server.url): Promise<Page & AsyncDisposable> {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(at + path)
    return Object.assign(page, { [Symbol.asyncDispose]: () => page.close() })
  }

  function call(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(server.url + path, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
  }

  async function send(events: readonly SimulatedEvent[]): Promise<void> {
    const response = await call('POST', '/api/v1/events', events)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ rejected: [], conflicts: [] })
  }

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
