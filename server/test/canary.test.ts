import { setTimeout as delay } from 'node:timers/promises'
import { createMigratedDatabase, openTestDatabase } from '@creatorflow/db/testing'
import { openTimescale } from '@creatorflow/db/timescale'
import { createRandom } from '@creatorflow/shared/simulator/random'
import { expect, onTestFinished, test } from 'vitest'
import { editions } from '../../scripts/test/backends.ts'
import { roomy } from './faults/stages.ts'
import { type Reply, startApp, type TestApp } from './harness.ts'
import { createFaultyBus } from './live-bus.ts'
import { codeOf, connect, type LiveClient } from './live-client.ts'
import { sentEvents } from './live-events.ts'
import { startProxy } from './proxy.ts'

/** `CANARY_MESSAGES=100000` by hand. */
const MESSAGES = Number(process.env.CANARY_MESSAGES ?? 8_000)
const CREATORS = 50
const REFUSALS = 10
const SCREENS_EACH = 4
const timescale = editions().find(({ url }) => url !== undefined)?.url
const anyTag = /canary-[a-z]{8}/g

/** A creator whose every text contains a word that nobody else may ever receive. */
interface Canary {
  readonly id: string
  readonly key: string
  readonly tag: string
  readonly screens: LiveClient[]
}

/** Reads everything that somebody received. */
function createWatchman() {
  const seen = { messages: 0, own: 0, foreign: [] as string[], refused: 0 }
  return {
    seen,
    inspect(tag: string, text: string): void {
      seen.messages++
      for (const [found] of text.matchAll(anyTag)) {
        if (found === tag) seen.own++
        else seen.foreign.push(`${tag} was told: ${text.slice(0, 300)}`)
      }
    },
  }
}

test('[P5][ACCESS-2] the canary check finds a foreign word if there is one', () => {
  const { seen, inspect } = createWatchman()
  inspect('canary-aaaaaaaa', '{"name":"canary-aaaaaaaa","of":"canary-bbbbbbbb"}')
  expect(seen).toMatchObject({ messages: 1, own: 1 })
  expect(seen.foreign).toHaveLength(1)
})

test('[P5][ACCESS-2] 50 creators, with faults of bus, network, database and node, never get a byte of another', async () => {
  const random = createRandom('canary')
  const { inspect, seen } = createWatchman()
  const bus = createFaultyBus(random, { lose: 0.05, double: 0.05, delay: 0.1 })
  const place = await prepare()
  const start = () => startApp({ database: place.database, bus, env: roomy })
  const nodes = [await start(), await start()]
  onTestFinished(async () => {
    for (const node of nodes) await node[Symbol.asyncDispose]()
  })
  const anyNode = () => random.pick(nodes)
  const canaries: Canary[] = []
  for (let n = 0; n < CREATORS; n++) {
    const creator = await (nodes[0] as TestApp).newCreator()
    const letters = Array.from({ length: 8 }, () => String.fromCharCode(97 + random.between(0, 25)))
    canaries.push({ ...creator, tag: `canary-${letters.join('')}`, screens: [] })
  }
  onTestFinished(async () => {
    for (const { screens } of canaries) for (const one of screens) await one[Symbol.asyncDispose]()
  })

  /** Opens the screens that a creator lacks; refusals meanwhile are retried. */
  async function openMissing(canary: Canary): Promise<void> {
    const { id, key, tag, screens } = canary
    for (const one of screens.splice(0)) if (one.socket.connected) screens.push(one)
    while (screens.length < SCREENS_EACH) {
      const client = await connect(anyNode(), key).catch(() => undefined)
      if (!client) return
      screens.push(client)
      client.socket.io.engine.on('message', (text: unknown) => inspect(tag, String(text)))
      inspect(tag, JSON.stringify(await client.watch({ creator_id: id }).catch(() => null)))
    }
  }

  /** What a creator's screen asks that it may not: others, with their positions. */
  async function trespass({ tag, screens, key }: Canary): Promise<void> {
    const other = random.pick(canaries.filter((one) => one.tag !== tag))
    const since = { epoch: random.pick(['x.1.1', `${tag}.1.1`]), seq: random.between(0, 100) }
    const [screen] = screens
    const asked = await screen?.watch({ creator_id: other.id, since }).catch(() => undefined)
    if (asked) {
      inspect(tag, JSON.stringify(asked))
      expect(codeOf(asked)).toBe('forbidden')
      seen.refused++
    }
    for (const reply of await readAll(key, other)) {
      inspect(tag, reply.text)
      expect([403, 503]).toContain(reply.status)
    }
  }

  /** Everything REST returns about a creator, requested with someone's key. */
  async function readAll(key: string, { id, tag }: Canary): Promise<Reply[]> {
    const from = new Date(Date.now() - 3_600_000).toISOString()
    const range = `from=${from}&to=${new Date().toISOString()}&bucket=total&by=product`
    const replies: Reply[] = []
    for (const path of ['live', 'lives', `lives/live ${tag}`, `metrics/likes?${range}`]) {
      replies.push(await anyNode().get(encodeURI(`/api/v1/creators/${id}/${path}`), { key }))
    }
    return replies
  }

  async function readOwn(canary: Canary): Promise<void> {
    for (const { text } of await readAll(canary.key, canary)) inspect(canary.tag, text)
  }

  async function send(): Promise<void> {
    const events = canaries.flatMap(({ id, tag }) =>
      sentEvents(id, 3, `live ${tag}`).map((event) => ({
        ...event,
        product_id: `${tag} ${event.product_id}`,
        user_id: `${tag} ${event.user_id}`,
        user: { handle: tag, name: `Name ${tag}` },
        properties: { ...event.properties, text: `says ${tag}`, title: tag },
      })),
    )
    await anyNode()
      .post(random.chance(0.5) ? events : events.reverse())
      .catch(() => undefined)
  }

  const strikes = [
    async () => {
      for (const { screens } of canaries)
        if (random.chance(0.3)) screens[0]?.socket.io.engine.close()
    },
    async () => {
      const at = random.between(0, 1)
      await nodes[at]?.[Symbol.asyncDispose]()
      nodes[at] = await start()
    },
    async () => {
      place.cut()
      await delay(random.between(100, 700))
      place.restore()
    },
  ]
  const until = Date.now() + 300_000
  // On a busy machine a round brings many messages: there must have been enough of both.
  const isEnough = () => seen.messages >= MESSAGES && seen.refused > REFUSALS
  for (let round = 1; !isEnough() && Date.now() < until; round++) {
    await Promise.all(canaries.map(openMissing))
    await send()
    await Promise.all([random.pick(canaries), random.pick(canaries)].map(trespass))
    await Promise.all([random.pick(canaries), random.pick(canaries)].map(readOwn))
    if (round % 12 === 0) await random.pick(strikes)()
    await delay(100)
  }
  console.log(JSON.stringify({ ...seen, foreign: seen.foreign.length, creators: CREATORS }))
  expect(seen.foreign.slice(0, 5)).toEqual([])
  expect(seen.messages).toBeGreaterThanOrEqual(MESSAGES)
  // Otherwise nobody received anything that could have leaked.
  expect(seen.own).toBeGreaterThan(MESSAGES / 4)
  expect(seen.refused).toBeGreaterThan(REFUSALS)
}, 360_000)

/** A database behind a breakable network; the embedded one has none. */
async function prepare() {
  if (timescale === undefined) {
    const database = await openTestDatabase()
    onTestFinished(() => database[Symbol.asyncDispose]())
    return { database, cut() {}, restore() {} }
  }
  const own = await createMigratedDatabase(timescale)
  onTestFinished(() => own.drop())
  const network = await startProxy(own.url)
  onTestFinished(() => network[Symbol.asyncDispose]())
  const database = await openTimescale({ url: network.url })
  onTestFinished(() => database[Symbol.asyncDispose]())
  return { database, cut: network.cut, restore: network.restore }
}
