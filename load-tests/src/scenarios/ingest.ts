import {
  backendCpuSeconds,
  checkpoint,
  copyRows,
  describeDatabase,
  readRows,
} from '../bench-database.ts'
import { cpuDuring } from '../clock.ts'
import { median, ratioOfMedians } from '../figures.ts'
import { type LiveServer, startLiveServer } from '../live-server.ts'
import { type Child, startChild } from '../processes/child.ts'
import type { SenderHandlers } from '../processes/sender-process.ts'
import { type BenchContext, noDatabase, type Scenario } from '../scenario.ts'
import type { ServerProcess } from '../server-process.ts'

/** The server uses as many writers on TimescaleDB, each creator always with the same one. */
const WRITERS = 4
/** By their last letters the creators spread evenly over the writers. */
const creatorIds = Array.from({ length: 16 }, (_, n) => `bench-${String.fromCharCode(97 + n)}`)
const EVENTS_PER_BODY = 1_000
const SENDERS = 2
/** The embedded database is one thread: part of the events shows as much. */
const EMBEDDED_SHARE = 0.25

/** Durable events per second over HTTP, compared with COPY of the same rows into the same kind of hypertable. */
export const ingest: Scenario = async (context) => {
  const embedded = await embeddedRounds(context)
  const embeddedFigure = {
    label: 'durable events over HTTP, embedded database',
    unit: '/s',
    value: median(embedded.rounds.map(({ perSecond }) => perSecond)),
  }
  const method =
    'NDJSON bodies of 1,000 events, made before the clock runs; one connection and one request at a ' +
    'time for each of 16 creators; an event counts when its 2xx is there, so after COMMIT. COPY: the ' +
    'very rows that the round before wrote, read back and copied by 4 connections at once, one ' +
    'statement each, into the schema that the server itself made in a second database of the same ' +
    'server, while the server has nothing to do. Both take turns; the ratio is of medians.'
  if (!context.services.databaseUrl) {
    return {
      figures: [{ budget: 'ingest_ratio', value: null }, embeddedFigure],
      method,
      details: { embedded },
      notRun: [`ingest against COPY: ${noDatabase}`],
    }
  }
  const compared = await againstCopy(context)
  const http = compared.rounds.map(({ perSecond }) => perSecond)
  const copy = compared.rounds.map(({ copyPerSecond }) => copyPerSecond)
  return {
    figures: [
      { budget: 'ingest_ratio', value: ratioOfMedians(http, copy) },
      { label: 'durable events over HTTP', unit: '/s', value: median(http) },
      { label: 'rows by COPY', unit: '/s', value: median(copy) },
      embeddedFigure,
    ],
    method,
    details: { ...compared, embedded },
  }
}

async function againstCopy(context: BenchContext) {
  const { scale, say } = context
  // The bus has no listener here, so it is left out on both sides.
  const services = { ...context.services, redisUrl: undefined }
  await using live = await startLiveServer({ ...context, services }, 'http')
  await using copyTarget = await startLiveServer({ ...context, services, say: () => {} }, 'copy')
  const [database, copyDatabase] = [live.database, copyTarget.database]
  if (!database || !copyDatabase) throw new Error('no database was made')
  // It only created the schema; a second server would share the CPU.
  await copyTarget.server[Symbol.asyncDispose]()
  await using senders = await startSenders(live, scale.rounds, scale.eventsPerCreatorAndRound)
  const shares = Array.from({ length: WRITERS }, (_, writer) =>
    creatorIds.filter((_, index) => index % WRITERS === writer),
  )
  const rounds = []
  for (let round = 0; round < scale.rounds; round++) {
    const checkpointed = await checkpoint(database.url)
    const cpuBefore = await backendCpuSeconds(database.url, database.name)
    const sent = await senders.round(round)
    const cpuAfter = await backendCpuSeconds(database.url, database.name)
    const rows = await readRows(database.url, shares, round * scale.eventsPerCreatorAndRound)
    await checkpoint(copyDatabase.url)
    const copySeconds = await copyRows(copyDatabase.url, rows)
    const copyPerSecond = sent.accepted / copySeconds
    say(
      `round ${round + 1}: ${Math.round(sent.perSecond)}/s over HTTP, ${Math.round(copyPerSecond)}/s by COPY`,
    )
    rounds.push({
      ...sent,
      copySeconds,
      copyPerSecond,
      checkpointed,
      databaseCpuSeconds: cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore,
    })
  }
  return {
    backend: live.server.description,
    database: await describeDatabase(database.url),
    rounds,
  }
}

async function embeddedRounds(context: BenchContext) {
  const { scale, say } = context
  const services = { databaseUrl: undefined, redisUrl: undefined }
  await using live = await startLiveServer({ ...context, services }, 'embedded')
  const events = Math.ceil(scale.eventsPerCreatorAndRound * EMBEDDED_SHARE)
  await using senders = await startSenders(live, scale.rounds, events)
  const rounds = []
  for (let round = 0; round < scale.rounds; round++) rounds.push(await senders.round(round))
  say(`embedded: ${rounds.map(({ perSecond }) => Math.round(perSecond)).join(', ')}/s`)
  return { backend: live.server.description, rounds }
}

async function startSenders({ server }: LiveServer, rounds: number, eventsPerRound: number) {
  await using opened = new AsyncDisposableStack()
  for (const id of creatorIds) await server.createCreator(id)
  const senders: Child<SenderHandlers>[] = []
  for (let n = 0; n < SENDERS; n++) {
    senders.push(opened.use(startChild<SenderHandlers>('sender-process.ts')))
  }
  await Promise.all(
    senders.map((sender, n) =>
      sender.ask('prepareBurst', {
        // Pairs of neighbors: each sender has creators of every writer.
        creatorIds: creatorIds.filter((_, index) => (index >> 2) % SENDERS === n),
        rounds,
        eventsPerRound,
        eventsPerBody: EVENTS_PER_BODY,
      }),
    ),
  )
  const resources = opened.move()
  return {
    async round(round: number) {
      const before = await writes(server)
      const { result, cpuSeconds } = await cpuDuring({ server: server.pid }, () =>
        Promise.all(senders.map((sender) => sender.ask('burst', { ...server.address, round }))),
      )
      const accepted = result.reduce((sum, { account }) => sum + account.accepted, 0)
      const expected = creatorIds.length * eventsPerRound
      if (accepted !== expected) {
        const reason = result.find(({ account }) => account.firstReject)?.account.firstReject
        throw new Error(
          `${accepted} of ${expected} events were accepted: ${reason ?? 'duplicates'}`,
        )
      }
      const startedAt = Math.min(...result.map((sender) => sender.startedAt))
      const seconds = (Math.max(...result.map((sender) => sender.endedAt)) - startedAt) / 1000
      return {
        accepted,
        seconds,
        perSecond: accepted / seconds,
        retried: result.reduce((sum, { account }) => sum + account.retried, 0),
        serverCpuSeconds: cpuSeconds.server ?? null,
        transactions: await writes(server, before),
        senderCpuSeconds: result.reduce((sum, sender) => sum + sender.cpuSeconds, 0),
      }
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

interface Writes {
  readonly count: number
  readonly events: number
  readonly seconds: number
}

/** Write transactions since `before`, as the server counts them. */
async function writes(
  server: ServerProcess,
  before: Writes = { count: 0, events: 0, seconds: 0 },
): Promise<Writes> {
  const [count, events, seconds] = await Promise.all([
    server.metric('creatorflow_write_batch_events_count'),
    server.metric('creatorflow_write_batch_events_sum'),
    server.metric('creatorflow_write_seconds_sum'),
  ])
  return {
    count: count - before.count,
    events: events - before.events,
    seconds: seconds - before.seconds,
  }
}
