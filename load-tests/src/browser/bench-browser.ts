// npm run bench:browser: what the cockpit costs in a real browser, as JSON. Exits 1 when a budget is missed.
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { median } from '../figures.ts'
import { type LiveServer, startLiveServer } from '../live-server.ts'
import { type Figure, figureTable } from '../table.ts'
import { openCockpitPage } from './cockpit-page.ts'
import { createLives, type Lives } from './lives.ts'
import { verdictOf } from './verdict.ts'
import { gzippedKb } from './weight.ts'

const UPDATES_PER_S = 10
const EVENTS_PER_UPDATE = 5
/** Keys of tabs that load their list when opened. */
const TABS = ['1', '2', '3', '4', '5', '6', '1']
/** Until the page has loaded what follows the first numbers. */
const SETTLE_MS = 6_000
/** Fresh browsers; the median of their times counts. */
const BROWSERS = 5
/** The first updates after a silence change everything at once, which is not a steady state. */
const LEAD_S = 2
/** Until the page has drawn the events of that hour. */
const DRAWN_MS = 1_000

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    hours: { type: 'string', default: '8' },
    rate: { type: 'string', default: '0.5' },
    out: { type: 'string' },
  },
})
const [seconds, hours, rate] = [Number(values.seconds), Number(values.hours), Number(values.rate)]
if (!(seconds > 0 && hours >= 2 && rate > 0)) {
  console.error(
    'usage: npm run bench:browser -- [--seconds N] [--hours N, from 2] [--rate N] [--out FILE]',
  )
  process.exit(2)
}

const say = (line: string) => console.error(`browser: ${line}`)
const loadBefore = loadavg()[0] ?? 0
const services = { databaseUrl: undefined, redisUrl: undefined }
await using running = await startLiveServer({ services, profile: undefined, say }, 'browser')
report(await measure(running))

async function measure({ server }: LiveServer): Promise<Figure[]> {
  const lives = createLives(server.address)
  try {
    await server.createCreator('bench')
    await lives.begin('bench', 0.5)
    const firsts: number[] = []
    for (let browser = 1; browser < BROWSERS; browser++) {
      await using fresh = await openCockpitPage(server.url, 'bench')
      firsts.push((await fresh.firstNumbers()).ms)
      // The page's follow-up requests must not delay the next page.
      await delay(SETTLE_MS / 3)
    }
    await using cockpit = await openCockpitPage(server.url, 'bench')
    const first = await cockpit.firstNumbers()
    firsts.push(first.ms)
    say(`first numbers after ${firsts.map((ms) => ms.toFixed(0)).join(', ')} ms`)
    for (const key of TABS) {
      await cockpit.page.keyboard.press(key)
      await delay(SETTLE_MS / TABS.length)
    }
    const weight = gzippedKb(cockpit.loaded)

    say(`${seconds} s at ${UPDATES_PER_S} updates/s`)
    await update(lives, LEAD_S)
    const [before, busyBefore] = [await cockpit.counts(), await cockpit.mainThreadSeconds()]
    const tookS = await update(lives, seconds)
    const busy = (await cockpit.mainThreadSeconds()) - busyBefore
    const after = await cockpit.counts()

    say(`a LIVE of ${hours} h, accelerated`)
    await server.createCreator('warm')
    await server.createCreator('long')
    await cockpit.page.goto(`${server.url}/c/warm`)
    await cockpit.page.getByTestId('no-live').waitFor()
    // What the engine compiles on the way is not a leak: it has seen such a LIVE before the measured one.
    await lives.accelerated('warm', hours, rate, async () => {})
    // By a link, not a new page: that would start with nothing compiled.
    await cockpit.page.getByRole('link', { name: 'All creators' }).click()
    await cockpit.page.getByRole('link', { name: 'long' }).click()
    await cockpit.page.getByTestId('no-live').waitFor()
    const heap: number[] = []
    const events = await lives.accelerated('long', hours, rate, async (hour) => {
      // The first hour fills what is kept of a LIVE.
      await delay(DRAWN_MS)
      const bytes = await cockpit.heapBytes()
      say(`hour ${hour}: ${(bytes / 1e6).toFixed(2)} MB`)
      heap.push(bytes)
    })
    const middle = median(heap)
    const drift = middle && Math.max(...heap.map((bytes) => Math.abs(bytes / middle - 1)))

    for (const error of cockpit.errors) say(`console: ${error}`)
    return [
      { budget: 'js_first', value: gzippedKb(first.urls) },
      { budget: 'js_all', value: weight },
      { budget: 'first_numbers', value: median(firsts) },
      { budget: 'main_thread', value: (100 * busy) / tookS },
      { label: 'updates drawn', unit: '/s', value: (after.drawn - before.drawn) / tookS },
      { budget: 'long_tasks', value: after.longTasks - before.longTasks },
      { budget: 'layout_shifts', value: after.shifts - before.shifts },
      { budget: 'heap_drift', value: drift === null ? null : 100 * drift },
      { label: 'heap at the end', unit: 'MB', value: (heap.at(-1) ?? 0) / 1e6 },
      { label: 'events of the long LIVE', unit: '', value: events },
      { budget: 'console_errors', value: cockpit.errors.length },
    ]
  } finally {
    lives.close()
  }
}

/** Updates the LIVE for so many seconds; returns those it took. */
async function update(lives: Lives, seconds: number): Promise<number> {
  const from = performance.now()
  for (let update = 0; update < seconds * UPDATES_PER_S; update++) {
    await delay(Math.max(0, from + (update * 1_000) / UPDATES_PER_S - performance.now()))
    await lives.tick(EVENTS_PER_UPDATE)
  }
  return (performance.now() - from) / 1_000
}

function report(figures: readonly Figure[]): void {
  const { told, missed } = verdictOf(figures)
  if (missed.length > 0) process.exitCode = 1
  console.error(figureTable([{ name: 'browser', figures }]))
  const machine = { cores: availableParallelism(), model: cpus()[0]?.model ?? 'unknown' }
  const run = { at: new Date().toISOString(), machine, loadBefore, loadAfter: loadavg()[0] ?? 0 }
  const json = JSON.stringify({ ...run, seconds, hours, rate, figures: told, missed }, null, 2)
  if (values.out) writeFileSync(values.out, `${json}\n`)
  console.log(json)
}
