import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { eventTypeNames, isRestatable } from '@creatorflow/shared/event-types'
import type { IncomingEvent } from '@creatorflow/shared/events'
import { fold } from '@creatorflow/shared/fold'
import { emptyState, type LiveState } from '@creatorflow/shared/live-state'
import { shuffle, withDuplicates } from '@creatorflow/shared/simulator/disorder'
import { createRandom, type Random } from '@creatorflow/shared/simulator/random'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { editions } from '../../../scripts/test/backends.ts'
import { scaled } from '../../../scripts/test/long-run.ts'
import { logOf } from '../../test/log-rows.ts'
import { catalogueTotalsBy } from '../../test/sql-oracle.ts'
import { createInProcessBus } from '../bus/in-process.ts'
import { loadConfig } from '../config.ts'
import { silentLog } from '../core/log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { createTelemetry } from '../core/telemetry.ts'
import { readLog } from '../eventlog/log-reader.ts'
import { insertCreator } from '../identity/creators/creators.ts'
import { resettleNoted } from '../jobs/resettle.ts'
import { acceptedEvent } from '../pipeline/accept.ts'
import { createPipeline, type Pipeline } from '../pipeline/pipeline.ts'
import { readNoted } from '../pipeline/recount-notes.ts'
import { resettleCreator } from './resettle.ts'

const NOON = Date.UTC(2026, 9, 20, 12)
const HOUR_MS = 3_600_000
const SEEDS = scaled(4, 40)

type Figure = readonly IncomingEvent[]

describe.each(editions())('restated figures on $name', (backend) => {
  const log = silentLog()
  const telemetry = createTelemetry()
  const bus = createInProcessBus({ log, telemetry })
  const config = loadConfig({ MAX_BATCH_EVENTS: '40', RESETTLE_DELAY_MS: '0' })
  let database: Database
  let pipeline: Pipeline
  let creators = 0

  beforeAll(async () => {
    database = await openTestDatabase(backend)
    pipeline = createPipeline({ database, bus, config, log, telemetry })
  })
  afterAll(async () => {
    await pipeline?.[Symbol.asyncDispose]()
    await database?.[Symbol.asyncDispose]()
  })

  test(`[COUNT-7][RECOUNT-1][P4] ${SEEDS} times any figures, revised, shuffled, repeated and cut into any batches, end as their last revisions alone`, {
    timeout: 300_000,
  }, async () => {
    let revisions = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = createRandom(`restated/${seed}`)
      const figures = figuresOf(random)
      const around = liveEvents()
      const last = figures.map((figure) => figure.at(-1) as IncomingEvent)
      const [alone, restated] = [await newCreator(), await newCreator()]
      await send(alone, inTime([...around, ...last]), () => 1_000)
      const all = withDuplicates(seed, [...around, ...figures.flat()])
      revisions += figures.flat().length - figures.length
      await send(restated, shuffle(seed, all), () => random.between(1, 30))
      await settleNoted()
      const where = `seed ${seed}`
      expect(await totalsOf(restated), where).toEqual(await totalsOf(alone))
      expect(await stateOf(restated), where).toEqual(await stateOf(alone))
      const again = await resettleCreator(database, serverTenant(restated))
      expect(again, where).toEqual({ rewritten: 0, raised: false })
    }
    expect(revisions).toBeGreaterThan(SEEDS * 10)
  })

  test('[COUNT-7] plain sums are right at once and ask for no recount', async () => {
    const creatorId = await newCreator()
    const random = createRandom('sums')
    const figures = figuresOf(random)
      .filter(([first]) => first?.type === 'ad_spend_incurred')
      .map((figure) => figure.map(({ session_id: _, ...event }) => event))
    await send(creatorId, shuffle(1, figures.flat()), () => 3)
    expect(await readNoted(database, 0)).toEqual([])
    const spent = figures.reduce((sum, figure) => sum + own(figure.at(-1)), 0)
    const rows = await logOf(database, creatorId)
    expect(rows.reduce((sum, row) => sum + row.money, 0)).toBe(spent)
  })

  test('[RECOUNT-1] restated running totals and stock count at once, even when lower', async () => {
    const creatorId = await newCreator()
    const views = (total: number, revision: number) =>
      of(`views`, 'video_view', NOON, { video_id: 'v', properties: { total }, revision })
    const left = (quantity: number, revision: number) =>
      of('left', 'stock_level', NOON, { product_id: 'mug', quantity, revision })
    for (const [revision, total] of [1_000, 1_400, 900, 1_200].entries()) {
      await send(creatorId, [views(total, revision), left(total - 900, revision)], () => 10)
      const rows = await logOf(database, creatorId)
      const sum = (type: string, add: (row: (typeof rows)[number]) => number) =>
        rows.filter((row) => row.type === type).reduce((all, row) => all + add(row), 0)
      expect(sum('video_view', ({ opening }) => opening)).toBe(total)
      expect(sum('video_view', ({ units }) => units)).toBe(0)
      expect(sum('stock_level', ({ units }) => units)).toBe(total === 900 ? 1 : 0)
      expect((await stateOf(creatorId)).stock).toEqual({ mug: total - 900 })
    }
    await settleNoted()
    expect(await resettleCreator(database, serverTenant(creatorId))).toMatchObject({ rewritten: 0 })
  })

  async function newCreator(): Promise<string> {
    const id = `restated-${++creators}`
    const creator = { id, name: id, time_zone: 'Europe/Berlin', currency: 'USD', locale: 'en' }
    await database.transaction((tx) => insertCreator(tx, { ...creator, kind: 'real' }))
    return id
  }

  async function send(creatorId: string, events: readonly IncomingEvent[], size: () => number) {
    for (let at = 0; at < events.length; ) {
      const part = events.slice(at, at + size())
      at += part.length
      const batch = part.map((event) => acceptedEvent(creatorId, event, event, NOON))
      const outcomes = await pipeline.submit(batch, 'live')
      const wrong = outcomes.filter(
        (outcome) =>
          outcome.kind === 'rejected' || (outcome.kind === 'duplicate' && outcome.conflict),
      )
      expect(wrong).toEqual([])
    }
  }

  async function settleNoted(): Promise<void> {
    await resettleNoted({ database, bus, config, log })
    expect(await database.query(sql`select creator_id from resettle`)).toEqual([])
  }

  /** Every total of every LIVE and day, and of every channel, product and video. */
  async function totalsOf(creatorId: string): Promise<Record<string, unknown>> {
    const totals: Record<string, unknown> = {}
    for (const by of ['session_id', 'day'] as const) {
      for (const [of, found] of await catalogueTotalsBy(database, creatorId, by)) {
        totals[`${by} ${of}`] = found
      }
    }
    for (const row of await logOf(database, creatorId)) {
      for (const by of ['channel', 'product_id', 'video_id'] as const) {
        for (const column of ['units', 'opening', 'money', 'excluded'] as const) {
          const key = `${row.type} ${by} ${row[by]} ${column}`
          const sum = ((totals[key] as number | undefined) ?? 0) + row[column]
          totals[key] = sum
        }
      }
    }
    return totals
  }

  async function stateOf(creatorId: string) {
    const state = await foldOfLog(creatorId)
    const lives = Object.entries(state.lives).map(([id, { totals, excluded, marks }]) => {
      return [id, { totals: withoutZeros(totals), excluded: withoutZeros(excluded), marks }]
    })
    return { lives: Object.fromEntries(lives), stock: state.stock }
  }

  async function foldOfLog(creatorId: string): Promise<LiveState> {
    const state = emptyState()
    for (;;) {
      const events = await readLog(database, serverTenant(creatorId), state.seq)
      if (events.length === 0) return state
      fold(state, events)
    }
  }
})

const withoutZeros = (map: object) =>
  Object.fromEntries(Object.entries(map).filter(([, value]) => value !== 0))

function of(id: string, type: string, ts: number, more: object): IncomingEvent {
  // The shapes of these few types are known to pass their schemas.
  return { id, type, ts, ...more } as IncomingEvent
}

const own = (event: IncomingEvent | undefined): number =>
  event?.currency === 'EUR' ? 0 : (event?.amount ?? 0)

const inTime = (events: readonly IncomingEvent[]) =>
  [...events].sort((a, b) => (a.ts ?? 0) - (b.ts ?? 0))

/** A LIVE named only by its start. */
const liveEvents = (): IncomingEvent[] => [
  of('start', 'live_started', NOON, { session_id: 'evening' }),
  of('share', 'share', NOON + HOUR_MS / 4, {}),
  of('end', 'live_ended', NOON + HOUR_MS, { session_id: 'evening' }),
]

/** Figures of every restatable type, each with its revisions from the lowest on. */
function figuresOf(random: Random): Figure[] {
  const types = eventTypeNames.filter(isRestatable)
  return Array.from({ length: 40 }, (_, n) => {
    const type = random.pick(types)
    const ts = NOON + random.between(-6, 6) * (HOUR_MS / 4)
    const place = {
      ...(random.chance(0.3) && { session_id: random.pick(['evening', 'other']) }),
      ...(random.chance(0.5) && { channel: random.pick(['search', 'feed']) }),
      ...(type === 'stock_level' && { product_id: random.pick(['mug', 'tea']) }),
      ...(type === 'stock_level' && { sku_id: random.pick(['red', 'blue']) }),
      ...(type === 'video_view' && { video_id: random.pick(['v', 'w']) }),
      ...(type === 'ad_spend_incurred' && { currency: random.pick(['USD', 'USD', 'EUR']) }),
    }
    const isRunning = type === 'video_view' && random.chance(0.7)
    let revision = random.pick([0, 0, 0, 3])
    return Array.from({ length: random.between(1, 4) }, () => {
      const value = {
        ...(type === 'ad_spend_incurred' && { amount: random.between(0, 900) }),
        ...(isRunning && { properties: { total: random.between(0, 900) } }),
        ...(type === 'stock_level' && { quantity: random.pick([0, 0, 1, 5]) }),
        ...(!isRunning && type !== 'stock_level' && { quantity: random.between(0, 9) }),
      }
      const event = of(`figure-${n}`, type, ts, { ...place, ...value, revision })
      revision += random.between(1, 3)
      return event
    })
  })
}
