import { execFile } from 'node:child_process'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { ask } from '../bench-database.ts'
import { monotonicMs, residentBytesOf } from '../clock.ts'
import { copyLive, liveToCopy } from '../copied-lives.ts'
import { baseEnvironment } from '../environment.ts'
import { startLiveServer } from '../live-server.ts'
import { type BenchContext, noDatabase, type Scenario } from '../scenario.ts'
import { createSender, emptyAccount } from '../sender.ts'
import type { ServerProcess } from '../server-process.ts'

const EVENTS_PER_BODY = 1_000
const SEND_EVERY_MS = 100
const LOOK_EVERY_MS = 250
const TIMEOUT_MS = 120 * 60_000
const MB = 1_048_576
const creatorId = 'recount'
const run = promisify(execFile)

/** A long log is recounted while its creator is on air: another time zone, then a late pin. */
export const recount: Scenario = async (context) => {
  const { scale, services, say } = context
  if (!services.databaseUrl) return { figures: [], method: '', details: {}, notRun: [noDatabase] }
  await using live = await startLiveServer(context, 'recount')
  const { server, database } = live
  if (!database) throw new Error('the server has no database of its own')
  await server.createCreator(creatorId)
  const { bodies, ...first } = liveToCopy(scale.recount.events, EVENTS_PER_BODY)
  const sender = createSender(server.address)
  for (const body of bodies) await sender.send(withCreator(body), emptyAccount())
  const copies = scale.recount.lives - 1
  await copyLive(database.url, { creatorId, ...first }, copies, say)
  const { events } = first
  say(`${events * scale.recount.lives} events in ${scale.recount.lives} LIVEs`)
  const verified = async () => verify(database.url)
  const before = await verified()
  say(`before: ${before.join(', ') || 'no differences'}`)

  const pinned = { ...first.pinned, session_id: first.sessionId }
  const zone = await measured(server, say, () => changeZone(server, 'Asia/Tokyo'))
  say(JSON.stringify(zone))
  const afterZone = await verified()
  const pin = await measured(server, say, async () => {
    const late = {
      id: 'late-pin',
      type: 'product_pinned',
      creator_id: creatorId,
      session_id: pinned.session_id,
      product_id: pinned.product_id,
      ts: pinned.at - 1,
    }
    await sender.send(Buffer.from(`${JSON.stringify(late)}\n`), emptyAccount())
  })
  say(JSON.stringify(pin))
  const afterPin = await verified()
  sender.close()
  const differences = [...before, ...afterZone, ...afterPin]
  return {
    figures: [
      { budget: 'recount_memory', value: Math.max(zone.memoryMb, pin.memoryMb) },
      { budget: 'recount_wait', value: Math.max(zone.slowestMs, pin.slowestMs) },
      { budget: 'recount_differences', value: differences.length },
      { label: 'another time zone', unit: 's', value: zone.seconds },
      { label: 'a late pin', unit: 's', value: pin.seconds },
    ],
    method:
      `One LIVE of ${events} events goes through the pipeline and is copied to ${copies} days before in the database. ` +
      `Every ${SEND_EVERY_MS} ms an event of a LIVE that is on air is sent while the time zone changes, and while a pin ` +
      'that came late is counted. Memory is the resident set of the server, above that before.',
    details: {
      backend: server.description,
      events: events * scale.recount.lives,
      zone,
      pin,
      differences,
    },
  }
}

const withCreator = (body: Buffer): Buffer =>
  Buffer.from(body.toString().replaceAll('{"id"', `{"creator_id":"${creatorId}","id"`))

/** A plain request: `fetch` gives up on an answer that takes five minutes. */
function changeZone({ url, owner }: ServerProcess, time_zone: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const headers = { 'content-type': 'application/json', ...owner.headers }
  request(`${url}/api/v1/creators/${creatorId}`, { method: 'PATCH', headers }, (answer) => {
    answer.resume()
    if (answer.statusCode === 200) answer.on('end', resolve)
    else reject(new Error(`the time zone: ${answer.statusCode}`))
  })
    .on('error', reject)
    .end(JSON.stringify({ time_zone }))
  return promise
}

/** The cost of a recount: from the request until nothing waits. */
async function measured(server: ServerProcess, say: BenchContext['say'], ask: () => Promise<void>) {
  const rest = residentBytesOf(server.pid) ?? 0
  const sending = sendOnAir(server)
  await delay(2_000)
  const startedAt = monotonicMs()
  let most = rest
  const rowsLeft: number[] = []
  const percents: number[] = []
  const asked = ask()
  let isAnswered = false
  asked.then(
    () => (isAnswered = true),
    () => (isAnswered = true),
  )
  try {
    for (let isSeen = false; ; ) {
      most = Math.max(most, residentBytesOf(server.pid) ?? 0)
      const left = await server.metric('creatorflow_recount_rows_left')
      if (left > 0 && left !== rowsLeft.at(-1)) rowsLeft.push(left)
      const recounting = await recountingOf(server)
      if (recounting?.percent != null && recounting.percent !== percents.at(-1)) {
        percents.push(recounting.percent)
        if (recounting.percent % 10 === 0) say(`${recounting.percent}% recounted`)
      }
      if (isAnswered && isSeen && recounting === null) break
      isSeen ||= recounting !== null
      if (monotonicMs() - startedAt > TIMEOUT_MS) throw new Error('the recount does not end')
      await delay(LOOK_EVERY_MS)
    }
  } catch (error) {
    // The server goes away with its scenario: what still sends to it would end the process with another error.
    await sending.stop().catch(() => {})
    const gone = server.isRunning ? '' : ' (the server is gone)'
    throw new Error(`${error instanceof Error ? error.message : error}${gone}`, { cause: error })
  }
  await asked
  const seconds = (monotonicMs() - startedAt) / 1000
  const answers = (await sending.stop()).sort((a, b) => a - b)
  return {
    seconds: Math.round(seconds * 10) / 10,
    restMb: Math.round(rest / MB),
    memoryMb: Math.round((most - rest) / MB),
    requests: answers.length,
    medianMs: Math.round(answers[answers.length >> 1] ?? 0),
    p99Ms: Math.round(answers[Math.floor(answers.length * 0.99)] ?? 0),
    slowestMs: Math.round(answers.at(-1) ?? 0),
    /** What pages and `/metrics` showed meanwhile. */
    percents: some(percents),
    rowsLeft: some(rowsLeft),
  }
}

const some = (list: readonly number[]) =>
  list.filter((_, n) => n % Math.ceil(list.length / 12) === 0)

async function recountingOf({ url, owner }: ServerProcess) {
  const path = `${url}/api/v1/creators/${creatorId}/lives?limit=1`
  const answer = await fetch(path, { headers: { ...owner.headers } })
  const { recounting } = (await answer.json()) as {
    recounting: { percent: number | null } | null
  }
  return recounting
}

/** Sends an event every tenth of a second, one request at a time; returns how long each took, in ms. */
function sendOnAir(server: ServerProcess) {
  const sender = createSender(server.address)
  const answers: number[] = []
  let stopped = false
  const session_id = `now-${Date.now()}`
  const sent = (async () => {
    for (let n = 0; !stopped; n++) {
      const type = n === 0 ? 'live_started' : 'comment'
      const event = { id: `${session_id}-${n}`, type, creator_id: creatorId, session_id }
      const began = monotonicMs()
      await sender.send(Buffer.from(`${JSON.stringify(event)}\n`), emptyAccount())
      const took = monotonicMs() - began
      // The first ones wait for connections and compilation.
      if (n >= 10) answers.push(took)
      await delay(Math.max(0, SEND_EVERY_MS - took))
    }
  })()
  return {
    async stop() {
      stopped = true
      await sent
      sender.close()
      return answers
    },
  }
}

/** Tables that differ in a count from scratch. */
async function verify(url: string): Promise<string[]> {
  await ask(url, 'analyze')
  const script = join(import.meta.dirname, '../../../server/src/verify-projections.ts')
  const env = { ...baseEnvironment(), DATABASE_URL: url }
  const { stdout } = await run(process.execPath, [script], { env, maxBuffer: MB }).catch(
    (error: { stdout: string }) => error,
  )
  const rows = stdout.split('\n').slice(1).filter(Boolean)
  if (rows.length === 0) throw new Error('npm run verify-projections said nothing')
  return rows.filter((row) => !/ 0$/.test(row)).map((row) => row.replaceAll(/\s+/g, ' '))
}
