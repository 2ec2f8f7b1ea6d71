import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '@creatorflow/db/database'
import { createRandom, type Random } from '@creatorflow/shared/simulator/random'
import { expect } from 'vitest'
import { scaled } from '../../../scripts/test/long-run.ts'
import { judge, type Sighting } from './oracle.ts'
import { type FaultScreen, isTrusted } from './screens.ts'
import { type FaultSender, type Ledger, startFaultSender, startLive } from './sender.ts'

const ROUNDS = scaled(2, 5)
/** `FAULT_SCREENS=1000` by hand; these are enough for a daily test. */
export const SCREENS = Number(process.env.FAULT_SCREENS ?? scaled(24, 60))

/** Only a hang fails here: the actual speed is printed for whoever reads it. */
const LOOSE_MS = 15_000
const WATCH_EVERY_MS = 20
const SIGHTINGS_EVERY = 5

/** What one file's faults hit, round after round. */
export interface Stage {
  readonly creatorId: string
  readonly key: string
  /** A server that may answer now; undefined while there is none. */
  readonly port: (random: Random) => number | undefined
  readonly screens: readonly FaultScreen[]
  /** Events besides the senders', with their 2xx. */
  readonly extra?: Ledger
  /** The log, once all rounds are done. */
  readonly openLog: () => Promise<Database>
}

/** Reports when the fault began and when every part was back. */
export interface Clock {
  /** With the screens that must stop claiming to be live meanwhile. */
  struck(blinded?: readonly FaultScreen[]): void
  /** Stops sending, so that the fault also hits the last events; resolves when all of them had their 2xx. */
  quiet(): Promise<void>
  /** Fails if an affected screen claims to be live. `back` does it too late where parts come back before they say so. */
  doubted(): void
  back(): void
}

export interface Fault {
  readonly name: string
  /** Rounds count from 1: a fault of two kinds alternates, so two rounds have both. */
  strike(random: Random, clock: Clock, round: number): Promise<void>
}

interface Times {
  readonly round: number
  readonly acked: number
  /** How long the parts were away. */
  readonly awayMs: number
  /** From the parts being back until every screen was live and had everything acknowledged by then. */
  readonly recoveryMs: number
  /** From the last 2xx until every screen had everything. */
  readonly settleMs: number
  /** From the fault until the last affected screen said that it does not know; null if none was affected. */
  readonly staleMs: number | null
  /** The longest that a screen claimed to be live without an already acknowledged event. */
  readonly behindMs: number
  readonly failedTries: number
  /** How often which error occurred for screens after the parts were back. */
  readonly setbacks: Readonly<Record<string, number>>
}

/** One fault per round while events flow, then compares ledgers, log and screens; prints one line. */
export async function drill(on: string, stage: Stage, fault: Fault): Promise<void> {
  const senders: FaultSender[] = []
  const sightings: Sighting[] = []
  const times: Times[] = []
  // The start that events imply moves with an earlier one, and sightings are judged by the rows as they are after that.
  const ofStart = createRandom(`${fault.name}/${on}/start`)
  const started = await startLive({ key: stage.key, port: () => stage.port(ofStart) })
  for (let round = 1; round <= ROUNDS; round++) {
    // A random stream for each use: scheduling must not change what another decides.
    const randomOf = (use: string) => createRandom(`${fault.name}/${on}/${round}/${use}`)
    const { key, port, extra } = stage
    const head = () =>
      senders.reduce((sum, { ledger }) => sum + ledger.size, started.size + (extra?.size ?? 0))
    const base = head()
    const ofPorts = randomOf('ports')
    const sender = startFaultSender({
      key,
      randomOf: (lane) => randomOf(`lane ${lane}`),
      prefix: `${fault.name.replaceAll(/\W/g, '-')}-${round}`,
      port: () => port(ofPorts),
    })
    senders.push(sender)
    const attempt = { round, randomOf, sender, base, head, sightings }
    times.push({ round, ...(await once(stage, fault, attempt)) })
  }
  const { screens, openLog, creatorId } = stage
  await using database = await openLog()
  const ledgers = [started, ...senders.map(({ ledger }) => ledger), stage.extra ?? new Map()]
  const verdict = await judge(database, creatorId, ledgers, sightings)
  const line = { fault: fault.name, on, screens: screens.length, sightings: sightings.length }
  console.log(JSON.stringify({ ...line, ...verdict, rounds: times }))
  expect(senders.flatMap(({ surprises }) => surprises)).toEqual([])
  const { lost, twice, unknown, wrongScreens, inDb } = verdict
  expect({ lost, twice, unknown, wrongScreens }).toEqual({
    lost: 0,
    twice: 0,
    unknown: 0,
    wrongScreens: 0,
  })
  expect(inDb).toBe(verdict.acked)
  for (const { recoveryMs, settleMs, staleMs, behindMs } of times) {
    expect(Math.max(recoveryMs, settleMs, staleMs ?? 0, behindMs)).toBeLessThan(LOOSE_MS)
  }
}

interface Attempt {
  readonly round: number
  readonly randomOf: (use: string) => Random
  readonly sender: FaultSender
  /** Events of the log before this round. */
  readonly base: number
  /** Events that had their 2xx so far. */
  readonly head: () => number
  readonly sightings: Sighting[]
}

async function once(stage: Stage, fault: Fault, attempt: Attempt): Promise<Omit<Times, 'round'>> {
  const { screens } = stage
  const { round, randomOf, sender, base, head, sightings } = attempt
  const random = randomOf('strike')
  const ofSightings = randomOf('sightings')
  let blinded: readonly FaultScreen[] = []
  let isDoubted = false
  let struckAt = Number.POSITIVE_INFINITY
  let backAt = Number.POSITIVE_INFINITY
  let owed = Number.POSITIVE_INFINITY
  let behindMs = 0
  let ticks = 0
  const before: number[] = []
  const recoveredAt = new Map<FaultScreen, number>()

  const watching = setInterval(() => {
    const now = performance.now()
    behindMs = Math.max(behindMs, longestBehind(screens, sender, base, now))
    for (const screen of now >= backAt ? screens : []) {
      if (screen.trust !== 'live' || screen.screen.position.seq < owed) continue
      if (!recoveredAt.has(screen)) recoveredAt.set(screen, now)
    }
    if (++ticks % SIGHTINGS_EVERY) return
    const trusted = [...screens.keys()].filter((index) => isTrusted(screens[index] as FaultScreen))
    if (trusted.length > 0) sight(Array.from({ length: 3 }, () => ofSightings.pick(trusted)))
  }, WATCH_EVERY_MS)

  function sight(chosen: Iterable<number>): void {
    for (const index of chosen) {
      // Safe: chosen from the existing screens.
      const { position, snapshot } = (screens[index] as FaultScreen).screen
      sightings.push({ screen: index, seq: position.seq, snapshot: structuredClone(snapshot) })
    }
  }

  try {
    await until('events flow and all screens are live', screens, () => {
      return sender.ledger.size > 20 && screens.every(({ trust }) => trust === 'live')
    })
    await delay(random.between(0, 300))
    const clock: Clock = {
      struck: (screens = []) => {
        blinded = screens
        struckAt = performance.now()
      },
      quiet: () => sender.stop(),
      doubted: () => {
        isDoubted = true
        const claiming = blinded.filter(isTrusted)
        expect(claiming.length, 'screens that claim to be live and cannot know').toBe(0)
      },
      back: () => {
        if (!isDoubted) clock.doubted()
        owed = head()
        for (const { setbacks } of screens) before.push(setbacks.length)
        backAt = performance.now()
      },
    }
    await fault.strike(random, clock, round)
    const staleMs = blinded.length > 0 ? lastBlindedAt(blinded) - struckAt : null
    await delay(random.between(100, 400))
    await sender.stop()
    const stoppedAt = performance.now()
    await until(`all screens are exact at ${head()}`, screens, () =>
      screens.every(({ trust, screen }) => trust === 'live' && screen.position.seq === head()),
    )
    const settleMs = performance.now() - stoppedAt
    await until('every recovery was seen', screens, () => recoveredAt.size === screens.length)
    sight(screens.keys())
    return {
      acked: sender.ledger.size,
      awayMs: Math.round(backAt - struckAt),
      recoveryMs: Math.round(Math.max(...recoveredAt.values()) - backAt),
      settleMs: Math.round(settleMs),
      staleMs: staleMs === null ? null : Math.round(staleMs),
      behindMs: Math.round(behindMs),
      failedTries: sender.failedTries,
      setbacks: counted(screens.flatMap(({ setbacks }, n) => setbacks.slice(before[n]))),
    }
  } finally {
    clearInterval(watching)
    await sender.stop()
  }
}

function counted(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    [...new Set(words)].map((word) => [word, words.filter((w) => w === word).length]),
  )
}

function lastBlindedAt(blinded: readonly FaultScreen[]): number {
  return Math.max(...blinded.map(({ lostTrustAt }) => lostTrustAt))
}

/** How long the screen that is furthest behind, and claims to be live, lacks an event that had its 2xx. */
function longestBehind(
  screens: readonly FaultScreen[],
  { acks }: FaultSender,
  base: number,
  now: number,
): number {
  const trusted = screens.filter(isTrusted).map(({ screen }) => screen.position.seq)
  const least = trusted.reduce((least, seq) => Math.min(least, seq), Number.POSITIVE_INFINITY)
  // From the newest on: what is missing is almost always among the last.
  let missing: number | undefined
  for (let n = acks.length - 1; n >= 0; n--) {
    const ack = acks[n]
    if (!ack || base + ack.count <= least) break
    missing = ack.at
  }
  return missing === undefined ? 0 : now - missing
}

async function until(
  what: string,
  screens: readonly FaultScreen[],
  holds: () => boolean,
): Promise<void> {
  const deadline = performance.now() + 2 * LOOSE_MS
  while (!holds()) {
    if (performance.now() > deadline) {
      const seen = screens.map(({ trust, screen }) => `${trust} ${screen.position.seq}`)
      const setbacks = counted(screens.flatMap((screen) => screen.setbacks))
      throw new Error(`not in time: ${what}: ${JSON.stringify({ seen: counted(seen), setbacks })}`)
    }
    await delay(10)
  }
}
