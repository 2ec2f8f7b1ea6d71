import type { Page, ViewportSize } from 'playwright-core'
import { expect, test } from 'vitest'
import { nastyNames } from '../client/src/lib/people/nasty-names.ts'
import { axeFindings } from './axe.ts'
import { describeInBrowser } from './site.ts'

describeInBrowser('people and keys', (site) => {
  test('[PAGE-12] 200 hostile names and comments create no element, script or dialog', async () => {
    const creator = await newCreator('nasty')
    const tag = /<\/?(script|img|svg|iframe|math|form|style|h1|b|a)\b/i
    const payloads = Array.from({ length: 200 }, (_, at) => {
      const payload = nastyNames[at % nastyNames.length] ?? ''
      return `${payload} ${at}`.replaceAll('\0', '\u0001')
    })
    await send(creator, [
      started(creator),
      ...payloads.map((payload, at) => ({
        type: at % 4 === 0 ? 'gift' : at % 4 === 1 ? 'follow' : 'comment',
        user_id: `u${at}`,
        user: { name: payload.slice(0, 190), handle: payload.slice(0, 190) },
        ...(at % 4 === 0 && {
          properties: { gift_id: 'g', gift_name: payload.slice(0, 190), diamond_count: 1 },
        }),
        // As long as a comment may be, nearly.
        ...(at % 4 > 1 && { properties: { text: `${payload.slice(0, 1_900)} ?` } }),
      })),
    ])
    await using page = await openCockpit(creator)
    const dialogs: string[] = []
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message())
      void dialog.dismiss()
    })
    const list = page.getByTestId('crowd')
    for (const key of ['3', '4', '5', '1']) {
      await page.keyboard.press(key)
      await list.locator('li').first().waitFor()
      const strange = await list.evaluate((panel) =>
        [...panel.querySelectorAll('*')].flatMap(({ localName }) =>
          /^(section|ol|li|p|b|bdi|span|time|button|svg|use)$/.test(localName) ? [] : [localName],
        ),
      )
      expect(strange, key).toEqual([])
    }
    // The payload is there, as text.
    await page.keyboard.press('3')
    await expect.poll(() => list.innerText()).toMatch(tag)
    expect(await list.innerText()).not.toMatch(/[\u202A-\u202E\u2066-\u2069]|\p{M}{3}/u)
    expect(dialogs).toEqual([])
  })

  test('[PAGE-11] a question is marked as answered in the panel, and unmarked again', async () => {
    const creator = await newCreator('asks')
    const comment = (text: string) => ({ type: 'comment', user_id: 'u1', properties: { text } })
    await send(creator, [started(creator), comment('is it lined?'), comment('nice')])
    await using page = await openCockpit(creator)
    await page.getByRole('tab', { name: 'Questions 1' }).click()
    const mark = page.getByRole('button', { name: 'answered' })
    await mark.click()
    await page.getByRole('tab', { name: 'Questions', exact: true }).waitFor()
    expect(await mark.getAttribute('aria-pressed')).toBe('true')
    await mark.click()
    await page.getByRole('tab', { name: 'Questions 1' }).waitFor()
    // The arrows go from tab to tab.
    await page.getByRole('tab', { name: 'Questions 1' }).press('ArrowLeft')
    const people = page.getByRole('tablist', { name: 'People' })
    expect(await people.getByRole('tab', { selected: true }).innerText()).toBe('Comments')
  })

  test('[PAGE-14] the first order while watching shows a toast; do not disturb suppresses the next', async () => {
    const creator = await newCreator('sells')
    await send(creator, [started(creator)])
    await using page = await openCockpit(creator)
    const toast = page.getByTestId('toasts').locator('li')
    await expect.poll(() => page.locator('[aria-live=polite]').count()).toBeGreaterThan(0)
    await site.untilWatched()
    expect(await toast.count()).toBe(0)
    await send(creator, [order(1)])
    await expect.poll(() => toast.innerText()).toContain('First order')
    expect(await page.locator('[aria-live=polite]').innerText()).toContain('First order')
    await page.keyboard.press('x')
    await expect.poll(() => toast.count()).toBe(0)
    await page.keyboard.press('d')
    await send(
      creator,
      Array.from({ length: 10 }, (_, at) => order(at + 2)),
    )
    await expect
      .poll(() => page.locator('[data-metric=main_orders]').first().getAttribute('data-value'))
      .toBe('11')
    // Everything that was reached is told by now.
    await site.untilWatched()
    expect(await toast.count()).toBe(0)
    await using other = await openCockpit(creator)
    await other.locator('[aria-live=polite]').first().waitFor({ state: 'attached' })
    expect(await other.getByTestId('toasts').count()).toBe(0)
  })

  test('[PAGE-14] why leads to the moment on the chart, by pointer and by key', async () => {
    const creator = await newCreator('asked')
    await send(creator, [started(creator)])
    // So low that the chart is out of sight.
    await using page = await openCockpit(creator, 'dark', { width: 390, height: 500 })
    const toast = page.getByTestId('toasts').locator('li')
    const moment = page.getByTestId('markers').locator('[data-kind=moment]')
    const chart = page.getByRole('img', { name: /^GMV per minute/ })
    const inView = () =>
      chart.boundingBox().then((box) => box !== null && box.y >= 0 && box.y + box.height <= 500)
    await page.getByTestId('markers').waitFor({ state: 'attached' })
    await site.untilWatched()
    for (const [orders, ask] of [
      [1, () => toast.getByRole('button', { name: 'Why' }).click()],
      [9, () => page.keyboard.press('w')],
    ] as const) {
      await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)')
      await expect.poll(inView).toBe(false)
      await send(
        creator,
        // Of products that nobody would call the best so far.
        Array.from({ length: orders }, () => ({ ...order(++counted), product_id: `p${counted}` })),
      )
      await toast.first().waitFor()
      await ask()
      await expect.poll(() => moment.count()).toBe(1)
      await expect.poll(inView).toBe(true)
      await expect.poll(() => toast.count()).toBe(0)
      await moment.click()
      await page.getByRole('button', { name: 'Remove mark' }).click()
      await expect.poll(() => moment.count()).toBe(0)
    }
  })

  test('[PAGE-6] the sheet lists the shortcuts that work here, none fires while typing, and the palette finds pages', async () => {
    const creator = await newCreator('keys')
    await send(creator, [started(creator)])
    await using page = await openCockpit(creator)
    await page.keyboard.press('?')
    const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await sheet.getByText('Streamer mode').waitFor()
    await page.keyboard.press('s')
    expect(await page.getByTestId('switch-streamer').getAttribute('aria-pressed')).toBe('false')
    await page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'hidden' })
    await page.keyboard.press('Control+k')
    const find = page.getByRole('combobox', { name: 'Find' })
    await find.fill('streamer')
    await find.press('Enter')
    await expect
      .poll(() => page.getByTestId('switch-streamer').getAttribute('aria-pressed'))
      .toBe('true')
  })

  test('[PAGE-6][PAGE-7] the palette leads to a settings page and to a LIVE, and the tab shows their names', async () => {
    const creator = await newCreator('palette')
    await send(creator, [started(creator)])
    await using page = await openCockpit(creator)
    const find = page.getByRole('combobox', { name: 'Find' })
    for (const [typed, title] of [
      ['dead letters', 'Dead letters · Settings · CreatorFlow Live'],
      ['history palette', 'History · palette · CreatorFlow Live'],
      ['live summary', 'Summary · palette · CreatorFlow Live'],
    ] as const) {
      await page.keyboard.press('Control+k')
      await find.fill(typed)
      await page.getByRole('option').first().waitFor()
      await find.press('Enter')
      await expect.poll(() => page.title()).toBe(title)
    }
  })

  test('[PAGE-8] a page whose server has newer pages says so', async () => {
    await using page = await openPage('/settings')
    await page.route('**/_app/version.json', (route) => route.fulfill({ json: { version: 'new' } }))
    await page.getByRole('heading').first().waitFor()
    // As when its tab is looked at again.
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")
    await page.getByTestId('new-release').waitFor()
    await page.getByRole('button', { name: 'Reload' }).waitFor()
  })

  test('[PAGE-5] axe finds no problem in the cockpit, empty and in a LIVE, on any tab, in the sheet and the palette, light and dark', async () => {
    const empty = await newCreator('axe-empty')
    await using before = await openPage(`/c/${empty}`)
    await before.getByTestId('no-live').waitFor()
    expect(await axeFindings(before)).toEqual([])
    const creator = await newCreator('axe')
    await send(creator, [
      started(creator),
      person('comment', 'anna', { properties: { text: 'is it lined?' } }),
      person('gift', 'anna', {
        properties: { gift_id: 'g', gift_name: 'Rose', diamond_count: 5 },
      }),
      order(1),
    ])
    await using page = await openCockpit(creator)
    for (const key of ['1', '2', '3', '4', '5', '6']) {
      await page.keyboard.press(key)
      await page.getByTestId('crowd').locator('li').first().waitFor()
      expect(await axeFindings(page), key).toEqual([])
    }
    await send(
      creator,
      Array.from({ length: 10 }, (_, at) => order(at + 2)),
    )
    await page.getByTestId('toasts').waitFor()
    expect(await axeFindings(page), 'toast').toEqual([])
    for (const keys of ['?', 'Control+k']) {
      await page.keyboard.press(keys)
      await page.getByRole('dialog').waitFor()
      expect(await axeFindings(page), keys).toEqual([])
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
    }
  })

  let counted = 0
  const started = (creator: string) => ({
    type: 'live_started',
    // So lately that the LIVE is followed, not imported.
    ts: Date.now() - 60_000,
    session_id: `${creator}-live`,
  })
  const person = (type: string, name: string, more: object) => ({
    type,
    user_id: name,
    user: { name: `${name[0]?.toUpperCase()}${name.slice(1)} Test`, handle: `${name}.t` },
    ...more,
  })
  const order = (n: number) => ({
    type: 'payment_completed',
    order_id: `o${n}`,
    customer_id: `c${n}`,
    product_id: 'p',
    amount: 1_000,
    currency: 'USD',
  })

  async function newCreator(id: string): Promise<string> {
    await site.newCreator(id)
    return id
  }

  function send(creator: string, events: readonly object[]): Promise<void> {
    return site.send(
      events.map((event) => ({
        id: `e${++counted}`,
        ts: Date.now(),
        creator_id: creator,
        session_id: `${creator}-live`,
        ...event,
      })),
    )
  }

  function openPage(
    path: string,
    colorScheme: 'light' | 'dark' = 'dark',
    viewport = { width: 1920, height: 1080 },
  ): Promise<Page> {
    return site.open(path, {
      viewport,
      colorScheme,
      // Also what moves would be in the middle of it when axe looks.
      reducedMotion: 'reduce',
      bypassCSP: true,
    })
  }

  async function openCockpit(creator: string, ...look: [('light' | 'dark')?, ViewportSize?]) {
    const page = await openPage(`/c/${creator}`, ...look)
    await page.getByTestId('crowd').waitFor()
    await expect.poll(() => page.getByTestId('connection').getAttribute('data-state')).toBe('live')
    return page
  }
})
