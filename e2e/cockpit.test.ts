import { setInterval as every } from 'node:timers/promises'
import { MINUTE_MS } from '@creatorflow/shared/live-state'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { scaled } from '../scripts/test/long-run.ts'
import { type ListedRow, listShownBy, shownBy } from './cockpit-page.ts'
import { dollars, type KnownLive, knownLive } from './cockpit-truth.ts'
import { describeInOwnBrowser } from './site.ts'

const OFFLINE_S = scaled(6, 30)
const ASLEEP_S = scaled(6, 10)
/** A screen says live of what was true less than two seconds ago (SCREEN-6); the rest is for a slow machine. */
const OLDEST_CLAIM_MS = 3_000
/** How much of the LIVE there is before anything goes wrong. */
const BEFORE_MS = 3 * MINUTE_MS
/** A page that draws also runs: within so many frames after it woke it must have said something. */
const FRAMES_TO_SPEAK = 60
/** Of these no more rows are shown. */
const LIST_ROWS = 30

/** What the page said in each frame that was drawn. */
interface Frame {
  readonly at: number
  readonly seq: number
  readonly state: string
}
const noteFrames = `{
  globalThis.frames = []
  const probe = document.body.appendChild(document.createElement('i'))
  probe.style.position = 'fixed'
  // Sizes are looked at after all callbacks of a frame: what stands there then is what is painted.
  new ResizeObserver(() => {
    const seq = Number(document.querySelector('[data-testid=seq]').dataset.seq)
    const { state } = document.querySelector('[data-testid=connection]').dataset
    frames.push({ at: Date.now(), seq, state })
  }).observe(probe)
  const next = () => {
    probe.style.width = (frames.length % 2) + 1 + 'px'
    requestAnimationFrame(next)
  }
  next()
}`

describeInOwnBrowser('the cockpit', (site) => {
  let page: Page
  let live: KnownLive
  let sent = 0
  let startAt = 0
  /** How far the LIVE has been told; behind the clock, so that a slow machine does not come to its end early. */
  let told = BEFORE_MS

  beforeAll(async () => {
    // What is told last is new enough to say how many watch now.
    startAt = Date.now() - BEFORE_MS - 15_000
    // Where it is about noon: the LIVE is of one local day.
    const hoursToNoon = 12 - new Date(startAt).getUTCHours()
    const timeZone = `Etc/GMT${hoursToNoon > 0 ? '-' : '+'}${Math.abs(hoursToNoon)}`
    live = knownLive({
      seed: 'cockpit',
      creatorId: 'cockpit',
      sessionId: 'evening',
      startAt,
      // It goes on while the tests run.
      durationMs: BEFORE_MS + (OFFLINE_S + ASLEEP_S + 10) * 1_000,
      rate: 0.8,
      currency: 'USD',
      timeZone,
      aftermath: false,
    })
    await site.newCreator('cockpit', { time_zone: timeZone })
    page = await site.open('/c/cockpit')
    await page.getByTestId('no-live').waitFor()
  })

  test('[PAGE-1] every panel is right at its seq, again and again during a LIVE', async () => {
    for (const minutes of [0.5, 1.5, 3]) {
      await sendUntil(startAt + minutes * MINUTE_MS)
      await expectTruth()
    }
    await expectLive()
  })

  test('[PAGE-1] when the server is killed, the page says so, keeps its numbers, and is exact again after the restart', async () => {
    await site.server.kill()
    await expectDoubt()
    const known = sent
    expect(await shownBy(page)).toEqual(live.shownAfter(known, Date.now()))
    await site.server.start()
    await goOn(2)
    await expectTruth()
    await expectLive()
  })

  test('[PAGE-1] while nothing arrives for seconds, the page says so, and is exact afterwards', async () => {
    const known = sent
    site.network.lose()
    await page.context().setOffline(true)
    await expectDoubt()
    let seconds = 0
    for await (const _ of every(1_000)) {
      // The LIVE goes on meanwhile.
      await goOn(1)
      expect(await stateOf()).toMatch(/^(stale|offline)$/)
      if (++seconds === OFFLINE_S) break
    }
    expect(sent).toBeGreaterThan(known)
    expect((await shownBy(page)).seq).toBe(known)
    site.network.restore()
    await page.context().setOffline(false)
    await expectLive()
    await goOn(1)
    await expectTruth()
  })

  test('[PAGE-1] a tab that slept shows nothing old as live when it wakes, and every panel is exact again', async () => {
    const known = sent
    const stored: { readonly sent: number; readonly at: number }[] = []
    await page.evaluate(noteFrames)
    const wake = await sleepPages()
    let seconds = 0
    let wokenAt = 0
    try {
      for await (const _ of every(1_000)) {
        await goOn(1)
        stored.push({ sent, at: Date.now() })
        if (++seconds === ASLEEP_S) break
      }
    } finally {
      wokenAt = Date.now()
      wake()
    }
    expect(sent).toBeGreaterThan(known)
    await expectTruth()
    await expectLive()
    const frames = (await page.evaluate<Frame[]>('frames')).filter(({ at }) => at > wokenAt)
    // A frame may be drawn before anything of the page ran.
    const begun = frames.findIndex(({ seq, state }) => seq !== known || state !== 'live')
    expect(begun).toBeGreaterThanOrEqual(0)
    expect(begun).toBeLessThan(FRAMES_TO_SPEAK)
    const claims = frames.slice(begun).filter(({ state }) => state === 'live')
    const passedAt = (seq: number) => stored.find((one) => one.sent > seq)?.at ?? Date.now()
    expect(claims.filter(({ seq, at }) => at - passedAt(seq) > OLDEST_CLAIM_MS)).toEqual([])
  })

  test('[PAGE-1] when the LIVE is over every panel is right, people too', async () => {
    // Nobody waits for who pays after it: as with a clock that is ahead, this is told early.
    await sendUntil(Number.POSITIVE_INFINITY)
    expect(sent).toBe(live.events.length)
    await expectTruth()
    await page.getByTestId('ended').waitFor()

    const paid = newestOf('payment_completed')
    const orders = await listed('2', 'orders', (row) => row.ts, newestTimes(paid))
    const moneyOf = ({ amount = 0, currency }: (typeof paid)[number]) =>
      currency === 'USD' ? dollars(amount) : 'other currency'
    // Lines of one order share their time: which of them is cut off at the end is open.
    const lastTs = orders.at(-1)?.ts ?? 0
    expect(
      orders
        .filter(({ ts }) => ts > lastTs)
        .map(({ text }) => /\$[\d,.]+|other currency/.exec(text)?.[0])
        .sort(),
    ).toEqual(
      paid
        .slice(0, LIST_ROWS)
        .filter(({ ts }) => ts > lastTs)
        .map(moneyOf)
        .sort(),
    )

    const said = newestOf('comment')
    const comments = await listed('3', 'comments', (row) => row.ts, newestTimes(said))
    comments.forEach(({ text }, at) => {
      expect(text).toContain(`${said[at]?.user?.name} ${said[at]?.properties?.text}`)
    })

    const asked = said.filter(({ properties }) => String(properties?.text).endsWith('?'))
    await page.getByRole('tab', { name: `Questions ${asked.length}` }).waitFor()

    await listed(
      '5',
      'gifters',
      ({ text }) => /([\d,]+)\s*diamonds/.exec(text)?.[1],
      greatest(diamondsByPerson()).map((diamonds) => diamonds.toLocaleString('en')),
    )
    await listed(
      '6',
      'buyers',
      ({ text }) => /\$[\d,.]+/.exec(text)?.[0],
      greatest(gmvByCustomer()).map(dollars),
    )
  })

  /** Stops what draws the pages, as the sleep of a computer does; returns what lets it go on. */
  async function sleepPages(): Promise<() => void> {
    const devtools = await site.browser.newBrowserCDPSession()
    const { processInfo } = await devtools.send('SystemInfo.getProcessInfo')
    const ids = processInfo.flatMap(({ type, id }) => (type === 'renderer' ? [id] : []))
    for (const id of ids) process.kill(id, 'SIGSTOP')
    return () => {
      for (const id of ids) process.kill(id, 'SIGCONT')
    }
  }

  /** What happened in the next seconds of the LIVE. */
  async function goOn(seconds: number): Promise<void> {
    told += seconds * 1_000
    await sendUntil(startAt + told)
  }

  async function sendUntil(ts: number): Promise<void> {
    const until = live.countUntil(ts)
    await site.send(live.events.slice(sent, until))
    sent = Math.max(sent, until)
  }

  /** The page comes to say exactly what is true of the events that were sent. */
  async function expectTruth(): Promise<void> {
    const seq = page.getByTestId('seq')
    await expect.poll(() => seq.getAttribute('data-seq'), { timeout: 20_000 }).toBe(String(sent))
    await expect
      .poll(() => shownBy(page), { timeout: 5_000 })
      .toEqual(live.shownAfter(sent, Date.now()))
  }

  async function expectDoubt(): Promise<void> {
    await expect.poll(stateOf, { timeout: 5_000 }).toMatch(/^(stale|offline)$/)
    expect(await page.getByTestId('connection').innerText()).toMatch(/^(stale|offline) · as of/)
  }

  async function expectLive(): Promise<void> {
    await expect.poll(stateOf, { timeout: 20_000 }).toBe('live')
  }

  function stateOf(): Promise<string | null> {
    return page.getByTestId('connection').getAttribute('data-state')
  }

  /** The rows of a list, once a column of it says what it has to: it is asked for some seconds after an event. */
  async function listed<T>(
    key: string,
    list: string,
    column: (row: ListedRow) => T,
    expected: readonly T[],
  ): Promise<ListedRow[]> {
    await page.keyboard.press(key)
    let rows: ListedRow[] = []
    await expect
      .poll(
        async () => {
          rows = await listShownBy(page, list)
          return rows.map(column)
        },
        { timeout: 15_000, message: list },
      )
      .toEqual(expected)
    return rows
  }

  const newestTimes = (events: readonly { ts: number }[]) =>
    events.slice(0, LIST_ROWS).map(({ ts }) => ts)

  function newestOf(type: string) {
    return live.events.filter((event) => event.type === type).sort((a, b) => b.ts - a.ts)
  }

  /** A streak says its running total: the greatest counts. */
  function diamondsByPerson(): Map<string, number> {
    const streaks = new Map<string, { person: string; diamonds: number }>()
    for (const { id, type, user_id = '', quantity = 1, properties } of live.events) {
      if (type !== 'gift') continue
      const { gift_id, streak_id, diamond_count } = properties ?? {}
      const key = streak_id === undefined ? id : `${user_id} ${gift_id} ${streak_id}`
      const diamonds = quantity * Number(diamond_count)
      if (diamonds > (streaks.get(key)?.diamonds ?? 0))
        streaks.set(key, { person: user_id, diamonds })
    }
    return sums([...streaks.values()].map(({ person, diamonds }) => [person, diamonds]))
  }

  function gmvByCustomer(): Map<string, number> {
    return sums(
      newestOf('payment_completed').flatMap(({ customer_id, currency, amount = 0 }) =>
        customer_id !== undefined && currency === 'USD' ? [[customer_id, amount] as const] : [],
      ),
    )
  }

  const greatest = (of: Map<string, number>) =>
    [...of.values()].sort((a, b) => b - a).slice(0, LIST_ROWS)

  function sums(parts: readonly (readonly [string, number])[]): Map<string, number> {
    const all = new Map<string, number>()
    for (const [key, value] of parts) all.set(key, (all.get(key) ?? 0) + value)
    return all
  }
})
