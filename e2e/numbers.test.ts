import { MINUTE_MS } from '@creatorflow/shared/live-state'
import type { Page, ViewportSize } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isLongRun } from '../scripts/test/long-run.ts'
import { describeInBrowser, screens } from './site.ts'

/** English shortens thousands, German writes them out. */
const creators = [
  { id: 'big', locale: 'en', currency: 'USD' },
  { id: 'gross', locale: 'de', currency: 'EUR' },
] as const

describeInBrowser('big numbers', (site) => {
  const now = Date.now()

  beforeAll(async () => {
    for (const { id, ...convention } of creators) {
      await site.newCreator(id, convention)
      const of = { creator_id: id, session_id: 'record' }
      await site.send([
        ...aLive({ ...of, session_id: 'before' }, now - 26 * 60 * MINUTE_MS, 1),
        ...aLive(of, now - 180 * MINUTE_MS, 123_457),
        // It says so in the head.
        {
          id: 'foreign',
          type: 'payment_completed',
          ...of,
          ts: now - 60 * MINUTE_MS,
          order_id: 'foreign',
          product_id: 'p1',
          quantity: 1,
          amount: 100,
          currency: 'CHF',
        },
      ])
      await site.post(`/api/v1/creators/${id}/goal`, {
        metric: 'gmv',
        target: 1_400_000_000,
        planned_minutes: 240,
      })
    }
  })

  describe('in the cockpit', () => {
    const see = looker('')
    test.each(screens)(
      '[PAGE-5] in the cockpit no number is cut off on %s',
      async (_, viewport) => {
        await see(viewport, async (page, id) => {
          await page.locator('[data-tile=gmv] [data-with=last][data-direction]').waitFor()
          await page.locator('[data-product]').nth(11).waitFor({ state: 'attached' })
          await page.getByTestId('goal').waitFor()
          expect(await cutNumbers(page), id).toEqual([])
          expect(await overlappingInHead(page), id).toEqual([])
        })
      },
    )
  })

  describe('in a summary', () => {
    const see = looker('/lives/record', async (page) => {
      await page.locator('[data-pin]').nth(9).waitFor()
      expect(await page.locator('[data-pin]').count()).toBe(10)
      await page.getByRole('button', { name: 'Show all 24 pins' }).click()
    })
    test.each(screens)(
      '[PAGE-5][PAST-9] in a summary no number is cut off on %s',
      async (_, viewport) => {
        await see(viewport, async (page, id) => {
          expect(await page.locator('[data-pin]').count()).toBe(24)
          await page.locator('[data-product]').nth(11).waitFor({ state: 'attached' })
          expect(await cutNumbers(page), id).toEqual([])
        })
      },
    )
  })

  describe.each([
    ['history', '/history', '[data-live=before]'],
    ['comparison', '/compare?a=record&b=before', '[data-row]'],
  ])('in %s', (name, path, here) => {
    const see = looker(path, async (page) => {
      await page.locator(here).first().waitFor()
      await page.waitForLoadState('networkidle')
    })
    test.each(screens)(`[PAGE-5] in ${name} no number is cut off on %s`, async (_, viewport) => {
      await see(viewport, async (page, id) => {
        expect(await cutNumbers(page), id).toEqual([])
      })
    })
  })

  /** Looks at a page of each creator on one screen after the other; a long run opens it anew for each. */
  function looker(path: string, begin: (page: Page) => Promise<void> = async () => {}) {
    const kept = new Map<string, Page>()
    const closeAll = async () => {
      for (const page of kept.values()) await page.close()
      kept.clear()
    }
    afterAll(closeAll)
    return async (viewport: ViewportSize, look: (page: Page, id: string) => Promise<void>) => {
      if (isLongRun()) await closeAll()
      // Both at once: a page mostly waits.
      const seen = creators.map(async ({ id }) => {
        const there = kept.get(id)
        const page = there ?? (await site.open(`/c/${id}${path}`, { viewport }))
        kept.set(id, page)
        if (!there) await begin(page)
        await page.setViewportSize(viewport)
        await page.evaluate(
          'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))',
        )
        await look(page, id)
      })
      await Promise.all(seen)
    }
  }
})

/** Few events that say much: twelve products, each pinned twice. */
function aLive(
  of: { readonly creator_id: string; readonly session_id: string },
  startedAt: number,
  times: number,
): object[] {
  const events: object[] = []
  const add = (type: string, minute: number, more: object) =>
    events.push({
      id: `${of.session_id}-${events.length}`,
      type,
      ...of,
      ts: startedAt + minute * MINUTE_MS,
      ...more,
    })
  add('live_started', 0, {})
  for (const type of ['live_impression', 'viewer_joined', 'comment', 'share', 'follow']) {
    add(type, 1, { user_id: 'fan', quantity: 11 * times })
  }
  add('like', 1, { user_id: 'fan', quantity: 100 * times })
  add('viewer_count', 1, { quantity: times })
  for (let n = 0; n < 24; n++) {
    const product = {
      product_id: `p${n % 12}`,
      properties: { product_name: `Number ${n % 12}, a thing with a long name` },
    }
    const minute = 2 + 7 * n
    add('product_pinned', minute, { ...product, pin_id: `pin-${n}` })
    add('product_impression', minute + 1, { ...product, quantity: 9 * times })
    add('product_click', minute + 1, { ...product, quantity: 3 * times })
    add('add_to_cart', minute + 2, { ...product, quantity: 2 * times })
    add('checkout_initiated', minute + 2, { ...product, quantity: times })
    add('payment_completed', minute + 3, {
      ...product,
      order_id: `${of.session_id}-order-${n}`,
      customer_id: 'fan',
      quantity: times,
      amount: 29 * times * (n + 1),
    })
  }
  // The last minute is the record.
  add('payment_completed', 179, {
    product_id: 'p0',
    order_id: `${of.session_id}-last`,
    quantity: 1,
    amount: 987 * times,
  })
  return events
}

/** Texts with a digit of which something lies outside what surrounds them; names may be cut. */
function cutNumbers(page: Page): Promise<string[]> {
  return page.evaluate(`{
    const cut = []
    const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.data.trim()
      if (!/\\d/.test(text) || node.parentElement.closest('bdi, select, .visually-hidden')) continue
      const range = document.createRange()
      range.selectNodeContents(node)
      const box = range.getBoundingClientRect()
      if (box.width === 0) continue
      for (let around = node.parentElement; around.localName !== 'main'; around = around.parentElement) {
        const { overflowX: overflow, paddingLeft, paddingRight } = getComputedStyle(around)
        // What scrolls is reached.
        if (overflow === 'auto' || overflow === 'scroll') break
        if (overflow === 'visible' && !around.matches('.panel')) continue
        const outer = around.getBoundingClientRect()
        const isClipped = overflow !== 'visible'
        // Where an ellipsis may stand, padding is no room.
        const [left, right] = isClipped ? [paddingLeft, paddingRight].map(parseFloat) : [0, 0]
        if (
          (isClipped && around.scrollWidth > around.clientWidth) ||
          box.right > outer.right - right + 0.5 ||
          box.left < outer.left + left - 0.5
        ) {
          cut.push(text + ' in ' + around.className)
          break
        }
      }
    }
    cut
  }`)
}

/** What lies on something else in the head of the cockpit. */
function overlappingInHead(page: Page): Promise<string[]> {
  return page.evaluate(`{
    const parts = [...document.querySelectorAll('main > header > .bar > :not(.end), main > header > .below > *, main > header .end > *')]
      .map((part) => ({ name: part.className || part.localName, box: part.getBoundingClientRect() }))
      // What is only heard is one pixel wide.
      .filter(({ box }) => box.width > 1)
    parts.flatMap((one, at) =>
      parts.slice(at + 1).flatMap((other) =>
        Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left) > 0.5 &&
        Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top) > 0.5
          ? [one.name + ' on ' + other.name]
          : [],
      ),
    )
  }`)
}
