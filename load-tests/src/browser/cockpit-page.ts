import type { CDPSession, Page } from 'playwright-core'
import { launchBrowser } from '../../../scripts/browser.ts'

/** The cockpit in a fresh browser, and what it costs. */
export interface CockpitPage extends AsyncDisposable {
  readonly page: Page
  /** Every address loaded. */
  readonly loaded: readonly string[]
  /** Console errors and thrown errors. */
  readonly errors: readonly string[]
  /** ms from navigation until the first numbers were painted, and what had been asked for when they were drawn. */
  firstNumbers(): Promise<{ readonly ms: number; readonly urls: readonly string[] }>
  /** Since the page was opened. */
  counts(): Promise<{ readonly longTasks: number; readonly shifts: number; readonly drawn: number }>
  /** CPU seconds of the main thread so far; a busy machine does not raise them. */
  mainThreadSeconds(): Promise<number>
  /** Bytes of the heap still in use. */
  heapBytes(): Promise<number>
}

// What runs in the page is text: browser types are not a program's.
const watch = `(() => {
  const seen = (globalThis.benchSeen = { longTasks: 0, shifts: 0, drawn: 0 })
  const first = Promise.withResolvers()
  globalThis.benchFirst = first.promise
  const count = (type, key) =>
    new PerformanceObserver((list) => { seen[key] += list.getEntries().length }).observe({ type })
  count('longtask', 'longTasks')
  count('layout-shift', 'shifts')
  const waiting = new MutationObserver(() => {
    const gmv = document.querySelector('[data-metric=gmv][data-value]')
    if (!gmv) return
    waiting.disconnect()
    // What is asked for from now on, even before the screen shows them, did not hold them up.
    const drawn = performance.now()
    // The browser itself reports when the element with this mark was painted.
    gmv.setAttribute('elementtiming', 'gmv')
    new PerformanceObserver((list, painting) => {
      painting.disconnect()
      const [painted] = list.getEntries()
      const urls = performance.getEntriesByType('resource')
        .filter(({ startTime }) => startTime < drawn).map(({ name }) => name)
      first.resolve({ ms: painted.renderTime, urls })
      new MutationObserver(() => { seen.drawn++ }).observe(
        document.querySelector('[data-testid=seq]'), { attributes: true, attributeFilter: ['data-seq'] })
    }).observe({ type: 'element' })
  })
  waiting.observe(document, { subtree: true, childList: true })
})()`

/** Opens the cockpit of a creator at 1920 × 1080. */
export async function openCockpitPage(url: string, creatorId: string): Promise<CockpitPage> {
  const browser = await launchBrowser()
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
  const cdp = await page.context().newCDPSession(page)
  const loaded: string[] = []
  const errors: string[] = []
  await cdp.send('Network.enable')
  cdp.on('Network.requestWillBeSent', ({ request }) => loaded.push(request.url))
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(String(error)))
  await page.addInitScript(watch)
  await page.goto(`${url}/c/${creatorId}`)
  return {
    page,
    loaded,
    errors,
    firstNumbers: () => page.evaluate('benchFirst'),
    counts: () => page.evaluate('benchSeen'),
    mainThreadSeconds: () => metric(cdp, 'TaskDuration'),
    async heapBytes() {
      // Twice: what finalizers release is found by the second one.
      for (let times = 0; times < 2; times++) await cdp.send('HeapProfiler.collectGarbage')
      return metric(cdp, 'JSHeapUsedSize')
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

async function metric(cdp: CDPSession, name: string): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics')
  const found = metrics.find((one) => one.name === name)
  if (!found) throw new Error(`the browser does not tell ${name}`)
  return found.value
}
