import { MINUTE_MS } from '@creatorflow/shared/live-state'
import { type SimulatedEvent, simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { routes } from './every-page.ts'
import { describeInBrowser } from './site.ts'

const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Everything on the page that can be seen or read aloud. */
const everythingTold = `(() => {
  const body = document.body.cloneNode(true)
  for (const code of body.querySelectorAll('script, style')) code.remove()
  const told = ['title', 'aria-label', 'aria-valuetext', 'aria-description', 'alt', 'placeholder']
  return [
    document.title,
    body.textContent,
    ...[...document.querySelectorAll('*')].flatMap((element) =>
      told.map((name) => element.getAttribute(name) ?? '')),
    ...[...document.querySelectorAll('input')].map((input) => input.value),
  ].join('\\n')
})()`

/** Everything elements carry besides their text; shapes are not words. */
const everyAttribute = `[...document.querySelectorAll('*')].flatMap((element) =>
  [...element.attributes].flatMap(({ name, value }) =>
    ['style', 'd', 'points'].includes(name) ? [] : [name + '=' + value])).join('\\n')`

/** Records everything that moves automatically, from the first moment on. */
const noteMotion = `{
  globalThis.motion = new Set()
  for (const type of ['animationstart', 'transitionrun']) {
    document.addEventListener(type, ({ target, animationName, propertyName }) => {
      motion.add(target.className + ' ' + (animationName ?? propertyName))
    }, true)
  }
}`

/** What would move if it changed. */
const couldMove = `[...document.querySelectorAll('*')].flatMap((element) =>
  [null, '::before', '::after'].flatMap((part) => {
    const { animationName, transitionDuration } = getComputedStyle(element, part)
    const still = animationName === 'none' && /^0s(, 0s)*$/.test(transitionDuration)
    return still ? [] : [element.localName + '.' + element.className]
  }))`

describeInBrowser('what somebody may ask the pages for', (site) => {
  const now = Date.now()
  const live = (name: string, startAt: number, minutes: number) =>
    simulateLive({
      seed: name,
      creatorId: 'told',
      sessionId: name,
      startAt,
      durationMs: minutes * MINUTE_MS,
      rate: 0.3,
      currency: 'USD',
      timeZone: 'UTC',
      aftermath: false,
    }).events
  const running = live('running', now - 8 * MINUTE_MS, 60).filter(({ ts }) => ts <= now)
  // Within one hour of the week, so power hours have one to name.
  const hourStart = Math.floor(now / HOUR_MS) * HOUR_MS
  const past = [
    ...live('first', hourStart - 14 * DAY_MS, 16),
    ...live('second', hourStart - 7 * DAY_MS, 16),
  ]
  const people = [...past, ...running].flatMap(({ user }) => (user ? [user] : []))
  const names = [
    ...new Set(people.flatMap(({ name, handle }) => [name ?? [], handle ?? []].flat())),
  ]

  beforeAll(async () => {
    await site.newCreator('told')
    await site.send(past)
    await site.send(running)
    const [first, last] = [running[0]?.ts ?? 0, running.at(-1)?.ts ?? 0]
    await site.send([
      added('price_changed', Math.floor((first + last) / 2), {
        product_id: productOf(running),
        amount: 4_321,
      }),
      added('note', last, { properties: { text: `thanks @${people[0]?.handle}` } }),
      added('comment', last, { properties: { text: `and @${people[1]?.handle}?` } }),
    ])
    await site.post('/api/v1/creators/told/goal', {
      session_id: 'running',
      metric: 'gmv',
      target: 98_765_400,
    })
    await site.post('/api/v1/creators/told/alerts/rules', {
      name: 'GMV is high',
      condition: { kind: 'above', metric: 'gmv', subject: { of: 'live' }, fires_at: 12_345 },
      for_seconds: 0,
    })
  })

  test('[PAGE-13] in streamer mode no page shows an amount or a name, in text or attributes', async () => {
    await using page = await site.open('/c/told', { reducedMotion: 'reduce' })
    await using streamed = await site.open('/c/told', { reducedMotion: 'reduce' })
    await streamed.getByTestId('crowd').waitFor()
    await streamed.keyboard.press('s')
    const [plain, hidden] = await Promise.all([walk(page), walk(streamed)])
    // The check can fail: without streamer mode each page of the creator shows amounts, and together they
    // show names.
    for (const [place, { told }] of plain) {
      if (isOfCreator(place)) expect(told, place).toMatch(/\$\d/)
    }
    const everything = [...plain.values()].map(({ told }) => told).join('\n')
    const amounts = [
      ...new Set(everything.match(/\d{1,3}(,\d{3})*\.\d\d\b(?!%)|\d{1,3}(,\d{3})+/g)),
    ]
    expect(amounts.length).toBeGreaterThan(50)
    expect(names.filter((name) => everything.includes(name)).length).toBeGreaterThan(20)

    for (const [place, { told, attributes }] of hidden) {
      // Numbers of the reference are made-up examples.
      const isReference = place === '/docs'
      // An address that a time follows is no amount.
      const shown = told.replaceAll('127.0.0.1', ' ').match(/.*(\$\s?\d|\d[.,]\d\d\b(?! ?%)).*/g)
      if (!isReference) expect(shown, place).toBeNull()
      const all = `${told}\n${attributes}`
      expect(
        names.filter((name) => all.includes(name)),
        place,
      ).toEqual([])
      if (isReference) continue
      // As displayed, and in minor units.
      const numbers = new Set(all.match(/\d+(?:[.,]\d+)*/g))
      const money = amounts.filter((amount) => amount.includes('.'))
      expect(
        money.filter((amount) => {
          const minor = minorOf(amount)
          return numbers.has(amount) || (minor.length > 4 && numbers.has(minor))
        }),
        place,
      ).toEqual([])
    }
  })

  const isOfCreator = (place: string) => !place.startsWith('/') || place.startsWith('/c/')
  const minorOf = (amount: string) => amount.replaceAll(/\D/g, '').replace(/^0+/, '')

  interface Told {
    /** What can be seen or read aloud. */
    readonly told: string
    readonly attributes: string
  }

  /** What each page and panel shows. */
  async function walk(page: Page): Promise<Map<string, Told>> {
    const all = new Map<string, Told>()
    const read = async (place: string) => {
      all.set(
        place,
        await page.evaluate<Told>(`({ told: ${everythingTold}, attributes: ${everyAttribute} })`),
      )
    }
    const visit = async (path: string, here: string) => {
      await page.goto(site.server.url + path)
      await page.locator(here).first().waitFor({ timeout: 20_000 })
      await page.waitForLoadState('networkidle')
      await read(path)
    }
    const rows = page.getByTestId('crowd').locator('li')
    const pages: Readonly<Record<string, () => Promise<void>>> = {
      async '/c/[creator]'() {
        await page.goto(`${site.server.url}/c/told`)
        for (const key of ['1', '2', '3', '4', '5', '6']) {
          await page.keyboard.press(key)
          await rows.first().waitFor()
          await read(`tab ${key}`)
        }
        const marks = page.getByTestId('markers').getByRole('button')
        await marks.first().waitFor()
        // Counted again each time: an open effect leaves the chart less room, and close marks merge.
        for (let at = 0; at < (await marks.count()); at++) {
          await marks.nth(at).click()
          await page.getByTestId('effect').waitFor()
          await read(`mark ${at}`)
          await page.keyboard.press('Escape')
        }
        await page.keyboard.press('g')
        await page.getByRole('dialog').waitFor()
        await read('goal')
        await page.keyboard.press('Escape')
      },
      async '/c/[creator]/history'() {
        await visit('/c/told/history', '[data-testid=power-hours]')
        await expect.poll(() => page.getByTestId('power-told').textContent()).toMatch(/^\s*Best:/)
        await read('power hours')
      },
      '/c/[creator]/alerts': () => visit('/c/told/alerts', '[data-episode]'),
      '/c/[creator]/alerts/rules': () => visit('/c/told/alerts/rules', '[role=switch]'),
      async '/c/[creator]/alerts/rules/[rule]'() {
        await page.goto(`${site.server.url}/c/told/alerts/rules`)
        await page.getByRole('link', { name: 'GMV is high' }).first().click()
        await page.getByRole('heading', { name: 'GMV is high' }).waitFor()
        await page.waitForLoadState('networkidle')
        await read('/c/told/alerts/rules/gmv')
      },
      '/c/[creator]/compare': () =>
        visit('/c/told/compare?a=first&b=second', '[data-testid=comparison]'),
      '/c/[creator]/lives/[session]': () => visit('/c/told/lives/second', '[data-testid=headline]'),
      async '/c/[creator]/lives/[session]/replay'() {
        await visit('/c/told/lives/second/replay', '[data-testid=play]')
        await page.getByTestId('to-end').click()
        await rows.first().waitFor()
        await read('end of the replay')
      },
    }
    for (const route of routes()) {
      if (pages[route]) await pages[route]()
      // Every page without a creator: a new one is visited without being named here.
      else await visit(route.replace('/[...path]', '/nope'), 'body')
    }
    return all
  }

  test.each([
    ['no-preference', 'moves'],
    ['reduce', 'is still'],
  ] as const)(
    '[PAGE-5] where prefers-reduced-motion is %s the cockpit %s',
    async (reducedMotion, does) => {
      await using page = await site.browser.newPage({ reducedMotion })
      await page.addInitScript(noteMotion)
      const creator = reducedMotion
      await site.newCreator(creator)
      const send = (events: readonly object[]) =>
        site.send(
          events.map((event, at) => ({
            id: `${creator}-${Date.now()}-${at}`,
            ts: Date.now(),
            creator_id: creator,
            session_id: 'live',
            ...event,
          })),
        )
      const order = { type: 'payment_completed', order_id: 'o1', amount: 500, currency: 'USD' }
      await send([{ type: 'live_started', ts: Date.now() - MINUTE_MS }])
      await site.post(`/api/v1/creators/${creator}/goal`, {
        session_id: 'live',
        metric: 'gmv',
        target: 1_000,
      })
      await page.goto(`${site.server.url}/c/${creator}`)
      const goal = page.getByTestId('goal')
      await goal.waitFor()
      // Only news while watching is a toast.
      await page.locator('[data-testid=connection][data-state=live]').waitFor()
      await site.untilWatched()
      await send([order, { type: 'product_click', product_id: 'mug', quantity: 3 }])
      await page.getByTestId('toasts').waitFor()
      await send([{ ...order, order_id: 'o2' }])
      await expect.poll(() => goal.getAttribute('data-reached')).toBe('true')
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
      const moved = await page.evaluate<string[]>('[...motion]')
      const able = await page.evaluate<string[]>(couldMove)
      if (does === 'is still') expect([...moved, ...able]).toEqual([])
      else expect(Math.min(moved.length, able.length)).toBeGreaterThan(0)
    },
  )
})

let counted = 0
function added(type: string, ts: number, more: object): object {
  const id = `added-${++counted}`
  return { id, type, ts, creator_id: 'told', session_id: 'running', ...more }
}

function productOf(events: readonly SimulatedEvent[]): string {
  return events.find(({ product_id }) => product_id !== undefined)?.product_id ?? ''
}
