import type { Database } from '@creatorflow/db/database'
import { openTestDatabase } from '@creatorflow/db/testing'
import { isEmpty } from '@creatorflow/shared/changes'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { createWrittenLogs, type WrittenLogs } from '../../../test/written-log.ts'
import { silentLog } from '../../core/log.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import { createTelemetry } from '../../core/telemetry.ts'
import type { Sight, Watch } from '../../core/watch.ts'
import { deleteCreator } from '../../identity/creators/creators.ts'
import { createPulse } from '../../live/pulse.ts'
import { createWatches } from './watches.ts'

interface Seen extends Pick<Sight, 'epoch' | 'changes' | 'newestEventAt' | 'asOf' | 'now'> {
  readonly creatorId: string
  readonly seq: number
  readonly at: number
}

const seenOf = ({ tenant, state, ...sight }: Sight): Seen => ({
  ...sight,
  creatorId: tenant.creatorId,
  seq: state.seq,
  at: performance.now(),
})

/** A feature that keeps what it sees and watches the creators a test sets. */
function keeper(wanted: string[], onLook: (sight: Sight) => void | Promise<void> = () => {}) {
  const seen: Seen[] = []
  const begun: string[] = []
  const watch: Watch = {
    creators: async () => wanted,
    begin({ creatorId }) {
      begun.push(creatorId)
      return (sight) => {
        seen.push(seenOf(sight))
        return onLook(sight)
      }
    },
  }
  return { watch, seen, begun, wanted, of: (id: string) => seen.filter((s) => s.creatorId === id) }
}

describe.each(databases())('watches on $name', (backend) => {
  let database: Database
  let logs: WrittenLogs
  beforeAll(async () => {
    database = await openTestDatabase(backend)
    logs = createWrittenLogs(database)
  })
  afterAll(async () => {
    await logs?.[Symbol.asyncDispose]()
    await database?.[Symbol.asyncDispose]()
  })

  let names = 0
  const newName = () => `toy-${++names}`

  /** A node with the role `jobs`. */
  function startNode(
    watches: Readonly<Record<string, Watch>>,
    { leaseMs = 60_000, maxWatchedCreators = 100 } = {},
  ) {
    const telemetry = createTelemetry()
    let isAway: 'gives errors' | 'does not answer' | undefined
    const back = Promise.withResolvers<void>()
    const own: Database = {
      ...database,
      async query(statement) {
        if (isAway === 'gives errors') throw new Error('the database is away')
        if (isAway) await back.promise
        return database.query(statement)
      },
    }
    const followers = logs.newNode(silentLog(), own)
    const pulse = createPulse(followers, { coalesceIntervalMs: 20, pollIntervalMs: 50 })
    const started = createWatches({
      database: own,
      followers,
      pulse,
      config: { watchIntervalMs: 40, maxWatchedCreators },
      log: silentLog(),
      telemetry,
      watches: Object.entries(watches).map(([name, watch]) => ({ name, watch })),
      leaseMs,
      askIntervalMs: 100,
    })
    let isOpen = true
    const node = {
      followers,
      pulse,
      /** Takes the database away, or gives it back. */
      cut(how: typeof isAway) {
        isAway = how
      },
      metric: async (name: string) =>
        Number(
          (await telemetry.text())
            .split('\n')
            .find((line) => line.startsWith(`creatorflow_${name}`))
            ?.split(' ')
            .at(-1) ?? 0,
        ),
      async stop() {
        if (!isOpen) return
        isOpen = false
        isAway = undefined
        back.resolve()
        await started[Symbol.asyncDispose]()
        pulse[Symbol.dispose]()
        await followers[Symbol.asyncDispose]()
      },
    }
    onTestFinished(node.stop)
    return node
  }

  const last = <T>(list: readonly T[]) => list.at(-1) as T

  test('[NODE-8] a feature sees its creators without a screen, and time passing when nothing happens', async () => {
    const [one, two] = [await logs.newCreator(), await logs.newCreator()]
    await logs.send(one, 30)
    const states: string[] = []
    const toy = keeper([one], ({ state }) => void states.push(JSON.stringify(state)))
    startNode({ [newName()]: toy.watch })
    await expect.poll(() => toy.of(one).length).toBeGreaterThan(2)
    expect(toy.seen[0]).toMatchObject({ seq: 30, changes: null, newestEventAt: null })
    expect(toy.seen[1]).toMatchObject({ seq: 30, changes: {} })

    const before = toy.seen.length
    // Among so many is an order, whatever was sent before.
    await logs.send(one, 20)
    await expect.poll(() => last(toy.seen).seq).toBe(50)
    const news = toy.seen.slice(before).filter(({ changes }) => !changes || !isEmpty(changes))
    expect(news.map(({ seq }) => seq)).toEqual([50])
    expect(news[0]?.changes).toHaveProperty('lives.live-1.totals.gmv')
    expect(JSON.parse(last(states))).toEqual(await logs.foldOfLog(one))
    expect(toy.of(two)).toEqual([])
  })

  test('[NODE-8] a creator is watched while it is named, and starts over when named again', async () => {
    const [one, two] = [await logs.newCreator(), await logs.newCreator()]
    const toy = keeper([one])
    const node = startNode({ [newName()]: toy.watch })
    await expect.poll(() => toy.of(one).length).toBeGreaterThan(0)
    toy.wanted.push(two)
    await expect.poll(() => toy.of(two).length).toBeGreaterThan(0)
    toy.wanted.splice(0, 1)
    await expect.poll(() => node.metric('watched_creators')).toBe(1)
    const ended = toy.of(one).length
    const later = toy.of(two).length
    await expect.poll(() => toy.of(two).length).toBeGreaterThan(later + 3)
    expect(toy.of(one)).toHaveLength(ended)
    toy.wanted.push(one)
    await expect.poll(() => toy.of(one).length).toBeGreaterThan(ended)
    expect(toy.begun).toEqual([one, two, one])
    expect(toy.of(one)[ended]?.changes).toBeNull()
  })

  test('[NODE-8] one of several nodes owns a watch; when it stops, another takes over', async () => {
    const id = await logs.newCreator()
    await logs.send(id, 10)
    const [a, b] = [keeper([id]), keeper([id])]
    const name = newName()
    const first = startNode({ [name]: a.watch })
    await expect.poll(() => a.seen.length).toBeGreaterThan(0)
    startNode({ [name]: b.watch })
    await expect.poll(() => a.seen.length).toBeGreaterThan(20)
    expect(b.seen).toEqual([])
    await first.stop()
    const stopped = a.seen.length
    await expect.poll(() => b.seen.length).toBeGreaterThan(3)
    expect(b.seen[0]).toMatchObject({ seq: 10, changes: null })
    expect(a.seen).toHaveLength(stopped)
  })

  test.each(['gives errors', 'does not answer'] as const)(
    '[NODE-8] an owner whose database %s stops looking when its lease ends',
    async (how) => {
      const id = await logs.newCreator()
      const [a, b] = [keeper([id]), keeper([id])]
      const name = newName()
      const first = startNode({ [name]: a.watch }, { leaseMs: 1_500 })
      await expect.poll(() => a.seen.length).toBeGreaterThan(0)
      startNode({ [name]: b.watch })
      first.cut(how)
      await expect.poll(() => b.seen.length, { timeout: 10_000 }).toBeGreaterThan(3)
      // One clock here: the successor started after the other had ended.
      expect(last(a.seen).at).toBeLessThan(b.seen[0]?.at ?? 0)
    },
  )

  test('[NODE-8] a failed look is counted and repeated with everything it missed; others continue', async () => {
    const [bad, good] = [await logs.newCreator(), await logs.newCreator()]
    let isBroken = false
    const toy = keeper([bad, good], ({ tenant }) => {
      if (isBroken && tenant.creatorId === bad) throw new Error('broken')
    })
    const other = keeper([bad])
    const node = startNode({ [newName()]: toy.watch, [newName()]: other.watch })
    await expect.poll(() => toy.of(bad).length).toBeGreaterThan(1)
    await expect.poll(() => other.of(bad).length).toBeGreaterThan(1)
    isBroken = true
    await logs.send(bad, 3)
    await expect.poll(() => toy.of(bad).filter(({ seq }) => seq === 3).length).toBeGreaterThan(3)
    expect(last(toy.of(bad)).changes).not.toEqual({})
    const failed = await node.metric('watch_looks_total{watch="toy')
    expect(failed).toBeGreaterThan(0)
    const [ofGood, ofOther] = [toy.of(good).length, other.seen.length]
    await expect.poll(() => toy.of(good).length).toBeGreaterThan(ofGood + 3)
    await expect.poll(() => other.seen.length).toBeGreaterThan(ofOther + 3)
    isBroken = false
    await expect.poll(() => last(toy.of(bad)).changes).toEqual({})
  })

  test('[NODE-8] the watched list stays while it cannot be read, and a creator that cannot start delays no other', async () => {
    const [bad, good] = [await logs.newCreator(), await logs.newCreator()]
    let isBroken = false
    const toy = keeper([bad, good])
    const node = startNode({
      [newName()]: {
        async creators() {
          if (isBroken) throw new Error('broken')
          return toy.wanted
        },
        begin(tenant) {
          if (tenant.creatorId === bad) throw new Error('broken')
          return toy.watch.begin(tenant)
        },
      },
    })
    await expect.poll(() => toy.of(good).length).toBeGreaterThan(0)
    expect(await node.metric('watched_creators')).toBe(1)
    isBroken = true
    const before = toy.of(good).length
    await expect.poll(() => toy.of(good).length).toBeGreaterThan(before + 10)
    expect(toy.begun).toEqual([good])
  })

  test('[NODE-8] a long look never overlaps another, delays no other creator, and ends with the process', async () => {
    const [slow, fast] = [await logs.newCreator(), await logs.newCreator()]
    let atOnce = 0
    let most = 0
    let wasTold = false
    const toy = keeper([slow, fast], async ({ tenant, signal }) => {
      if (tenant.creatorId !== slow) return
      most = Math.max(most, ++atOnce)
      await new Promise<void>((done) => signal.addEventListener('abort', () => done()))
      wasTold = true
      atOnce--
    })
    const node = startNode({ [newName()]: toy.watch })
    await expect.poll(() => toy.of(slow).length).toBe(1)
    await logs.send(slow, 100)
    await expect.poll(() => toy.of(fast).length).toBeGreaterThan(10)
    expect(toy.of(slow)).toHaveLength(1)
    expect(await node.metric('watch_lag_seconds')).toBeGreaterThan(0)
    await node.stop()
    expect({ most, wasTold }).toEqual({ most: 1, wasTold: true })
  })

  test('[NODE-8] expensive looks are spread over ticks, so screens get their turn', async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, () => logs.newCreator()))
    let inTick = 0
    let most = 0
    const toy = keeper(ids, () => {
      inTick++
      const until = performance.now() + 15
      while (performance.now() < until);
    })
    const node = startNode({ [newName()]: toy.watch })
    node.pulse.join({
      needs: () => false,
      tick() {
        most = Math.max(most, inTick)
        inTick = 0
      },
    })
    // Everyone gets a turn anyway.
    await expect.poll(() => ids.every((id) => toy.of(id).length > 1)).toBe(true)
    expect(most).toBeLessThanOrEqual(2)
  })

  test('[NODE-8] watches leave room for screens, and start a creator once there is room', async () => {
    const ids = [await logs.newCreator(), await logs.newCreator(), await logs.newCreator()]
    const toy = keeper([...ids])
    const node = startNode({ [newName()]: toy.watch }, { maxWatchedCreators: 2 })
    await expect.poll(() => node.metric('watched_creators')).toBe(2)
    expect(await node.metric('watches_waiting')).toBe(1)
    // A screen finds room.
    const third = await node.followers.get(ids[2] as string)
    await expect.poll(() => toy.of(ids[2] as string).length).toBeGreaterThan(0)
    expect(node.followers.all.get(ids[2] as string)).toBe(third)
    expect(node.followers.all.size).toBe(3)
  })

  test('[NODE-8] a look can tell past events from current ones', async () => {
    const id = await logs.newCreator()
    const toy = keeper([id])
    const node = startNode({ [newName()]: toy.watch })
    await expect.poll(() => toy.seen.length).toBeGreaterThan(0)
    const hourAgo = Date.now() - 3_600_000
    await logs.send(id, 1, hourAgo)
    await expect.poll(() => last(toy.seen).seq).toBe(1)
    expect(toy.seen.find(({ seq }) => seq === 1)?.newestEventAt).toBe(hourAgo)
    const now = Date.now()
    await logs.send(id, 1, now)
    await expect.poll(() => last(toy.seen).seq).toBe(2)
    expect(toy.seen.find(({ seq }) => seq === 2)?.newestEventAt).toBe(now)
    expect(last(toy.seen)).toMatchObject({ changes: expect.anything() })
    await expect.poll(() => last(toy.seen).newestEventAt).toBeNull()
    await expect.poll(() => last(toy.seen).asOf).toBeGreaterThan(now)
    expect(last(toy.seen).asOf).toBeLessThanOrEqual(last(toy.seen).now)
    await node.stop()
  })

  test('[NODE-8] while the database is away, looks continue and the state is no longer known to be complete', async () => {
    const id = await logs.newCreator()
    const toy = keeper([id])
    const node = startNode({ [newName()]: toy.watch })
    await expect.poll(() => toy.seen.length).toBeGreaterThan(2)
    node.cut('gives errors')
    const cutAt = Date.now()
    await expect.poll(() => last(toy.seen).now).toBeGreaterThan(cutAt + 300)
    expect(last(toy.seen).changes).toEqual({})
    expect(last(toy.seen).asOf).toBeLessThanOrEqual(cutAt + 1)
    node.cut(undefined)
    await expect.poll(() => last(toy.seen).asOf).toBeGreaterThan(cutAt + 300)
  })

  test('[NODE-8] a recount starts a new epoch; a deleted creator is no longer watched', async () => {
    const [one, other] = [await logs.newCreator(), await logs.newCreator()]
    await logs.send(one, 10)
    const toy = keeper([one, other])
    startNode({ [newName()]: toy.watch })
    await expect.poll(() => toy.of(one).length).toBeGreaterThan(1)
    const { epoch } = last(toy.of(one))
    await logs.rewrite(one)
    await expect.poll(() => last(toy.of(one)).epoch).not.toBe(epoch)
    const [fresh] = toy.of(one).filter((seen) => seen.epoch !== epoch)
    expect(fresh).toMatchObject({ changes: null, newestEventAt: null })

    await deleteCreator(database, serverTenant(one))
    const ofOther = toy.of(other).length
    await expect.poll(() => toy.of(other).length).toBeGreaterThan(ofOther + 10)
    const ended = toy.of(one).length
    await expect.poll(() => toy.of(other).length).toBeGreaterThan(ofOther + 30)
    expect(toy.of(one)).toHaveLength(ended)
  })
})
