import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject } from 'vitest'
import { connectBrowser, launchBrowser } from '../scripts/browser.ts'
import { browserPath } from '../scripts/test/backends.ts'
import { isLongRun } from '../scripts/test/long-run.ts'
import { type Network, networkTo } from './network.ts'
import { type ServerProcess, serverProcess } from './server-process.ts'

const BATCH = 500

/** What people watch on. */
export const screens = [
  ['a TV', { width: 1920, height: 1080 }],
  ['a wide laptop', { width: 1536, height: 730 }],
  ['a laptop', { width: 1366, height: 768 }],
  ['a small laptop', { width: 1280, height: 720 }],
  ['a tablet', { width: 820, height: 1180 }],
  ['a phone', { width: 390, height: 844 }],
] as const

interface NewCreator {
  readonly time_zone?: string
  readonly currency?: string
  readonly locale?: string
}

/** What the tests of one file share. */
export interface Site {
  readonly server: ServerProcess
  /** Between a browser of its own and the server. */
  readonly network: Network
  readonly browser: Browser
  /** Sends what has to be taken as a whole. */
  post(path: string, body: unknown): Promise<void>
  /** A creator of that id and name; of UTC, USD and English unless told otherwise. */
  newCreator(id: string, more?: NewCreator): Promise<void>
  send(events: readonly object[]): Promise<void>
  /** Until alerts have looked at every creator that sent: what came before is no news to them. All have to be on air. */
  untilWatched(): Promise<void>
  /** A page in a context of its own: of a wide screen, and still but in a long run, unless told otherwise. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>
}

/** For pages whose movement is what a test is about. */
export const moving = { reducedMotion: 'no-preference' } as const

/** The browser that all files share. */
export const sharedBrowser = (): Promise<Browser> => connectBrowser(inject('browserServer'))

/** Tests that share a server; a machine without a browser does not run them. */
export const describeInBrowser = (name: string, tests: (site: Site) => void) =>
  describeSite(name, false, tests)

/** The same in a browser of their own: they may stop it, and break the network between it and the server. */
export const describeInOwnBrowser = (name: string, tests: (site: Site) => void) =>
  describeSite(name, true, tests)

function describeSite(name: string, ownBrowser: boolean, tests: (site: Site) => void): void {
  describe.skipIf(!browserPath())(`${name} in a browser`, () => {
    let server: ServerProcess
    let network: Network | undefined
    let browser: Browser
    const senders = new Set<unknown>()

    /** A number of the server about looks at alerts. */
    async function numberOf(name: RegExp): Promise<number> {
      const told = await (await fetch(`${server.url}/metrics`)).text()
      return Number(name.exec(told)?.[1] ?? 0)
    }

    beforeAll(async () => {
      server = await serverProcess()
      await server.start()
      if (ownBrowser) {
        network = await networkTo(server.url)
        browser = await launchBrowser([
          `--host-resolver-rules=MAP ${new URL(server.url).host} 127.0.0.1:${network.port}`,
        ])
      } else browser = await sharedBrowser()
    })
    afterAll(async () => {
      await browser?.close()
      await network?.[Symbol.asyncDispose]()
      await server?.[Symbol.asyncDispose]()
    })

    const site: Site = {
      get server() {
        return server
      },
      get network() {
        if (!network) throw new Error('without a browser of its own nothing stands in between')
        return network
      },
      get browser() {
        return browser
      },
      async post(path, body) {
        const answer = await fetch(server.url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
        const text = await answer.text()
        expect(answer.ok, `${path}: ${answer.status} ${text}`).toBe(true)
        // Events are accounted for one by one.
        const { rejected = [], conflicts = [] } = JSON.parse(text)
        expect([...rejected, ...conflicts]).toEqual([])
      },
      newCreator(id, more) {
        return site.post('/api/v1/creators', {
          id,
          name: id,
          time_zone: 'UTC',
          currency: 'USD',
          ...more,
        })
      },
      async send(events) {
        for (const event of events) if ('creator_id' in event) senders.add(event.creator_id)
        for (let at = 0; at < events.length; at += BATCH) {
          await site.post('/api/v1/events', events.slice(at, at + BATCH))
        }
      },
      async untilWatched() {
        const watched = /watched_creators\{watch="alerts"\} (\d+)/
        const looks =
          /watch_looks_total\{(?=[^}]*watch="alerts")(?=[^}]*outcome="done")[^}]*\} (\d+)/
        await expect.poll(() => numberOf(watched), { timeout: 30_000 }).toBe(senders.size)
        // In turn, and the first one of each only reads its rules.
        const until = (await numberOf(looks)) + 4 * senders.size
        await expect.poll(() => numberOf(looks), { timeout: 30_000 }).toBeGreaterThanOrEqual(until)
      },
      async open(path, options) {
        const page = await browser.newPage({
          viewport: { width: 1920, height: 1080 },
          reducedMotion: isLongRun() ? 'no-preference' : 'reduce',
          ...options,
        })
        await page.goto(server.url + path)
        return page
      },
    }
    tests(site)
  })
}

/** The form of the start page that asks for a creator alone: behind two lines that open, once there is one. */
export async function developerForm(page: Page): Promise<Locator> {
  const add = page.getByText('Add a creator', { exact: true })
  const developers = page.getByText('For developers', { exact: true })
  await add.or(developers).first().waitFor()
  if (await add.isVisible()) await add.click()
  await developers.click()
  return page.getByTestId('new-creator')
}

/** Notes what a layout moves once every panel is there; answers with the elements that it moved. */
export async function watchMoves(page: Page): Promise<() => Promise<string[]>> {
  await page.getByTestId('crowd').waitFor()
  await page.evaluate('document.fonts.ready.then(() => {})')
  await page.evaluate(`{
    globalThis.moved = []
    const told = (node) => (node?.outerHTML ?? node?.parentElement?.outerHTML ?? 'gone').slice(0, 200)
    const observer = new PerformanceObserver((list) => {
      for (const { sources, hadRecentInput } of list.getEntries()) {
        if (!hadRecentInput) moved.push(...sources.map(({ node }) => told(node)))
      }
    })
    observer.observe({ type: 'layout-shift' })
  }`)
  return () => page.evaluate('moved')
}
