import { setTimeout as delay } from 'node:timers/promises'
import { cpuDuring } from '../clock.ts'
import { type Arrival, latencies } from '../figures.ts'
import { startLiveServer } from '../live-server.ts'
import { startChild } from '../processes/child.ts'
import type { SenderHandlers } from '../processes/sender-process.ts'
import type { Scenario } from '../scenario.ts'
import { startScreens } from '../screens.ts'

const EVENTS_PER_SECOND = 2_000
/** A cold server compiles its code while the first events arrive. */
const WARM_UP_SECONDS = 3
const CATCH_UP_MS = 10_000
const creatorId = 'latency'

/** The time from an event to every screen, including coalescing. */
export const latency: Scenario = async (context) => {
  const { scale, say } = context
  await using live = await startLiveServer(context, 'latency')
  await using screens = startScreens(scale.screens, scale.screenProcesses)
  await using sender = startChild<SenderHandlers>('sender-process.ts')
  const { server } = live
  await server.createCreator(creatorId)
  const seconds = WARM_UP_SECONDS + scale.seconds
  const { events } = await sender.ask('preparePaced', {
    creatorId,
    session: 'live',
    seconds,
    pace: { even: EVENTS_PER_SECOND },
  })
  await screens.open(server.address, creatorId)
  await screens.record()
  const { result, cpuSeconds } = await cpuDuring(
    { server: server.pid, sender: sender.pid, ...screens.pids },
    () => sender.ask('play', server.address),
  )
  if (result.account.accepted !== events) {
    throw new Error(`${result.account.accepted} of ${events} events were accepted`)
  }
  let report = await screens.report()
  for (let waited = 0; report.leastTo < events && waited < CATCH_UP_MS; waited += 250) {
    await delay(250)
    report = await screens.report()
  }
  const skipped = WARM_UP_SECONDS * EVENTS_PER_SECOND
  const times = latencies(
    result.due.subarray(skipped),
    skipped + 1,
    report.arrivals.map(arrivalsOf),
  )
  const expected = (events - skipped) * scale.screens
  say(`${report.updates} updates to ${report.screens} screens in ${result.seconds.toFixed(1)} s`)
  return {
    figures: [
      // Events that never arrived would be missing from the percentiles: then there are none.
      { budget: 'latency_p99', value: times.count === expected ? times.percentile(0.99) : null },
      { label: 'event → screen, p50', unit: 'ms', value: times.percentile(0.5) },
      { label: 'event → screen, p95', unit: 'ms', value: times.percentile(0.95) },
    ],
    method:
      `${EVENTS_PER_SECOND} events a second to one creator with ${scale.screens} screens. An event's time ` +
      'begins when it was due on the sender’s clock, whatever it then waited for, and ends when a ' +
      'screen has read the update whose range holds its seq; the seq is known because the sender sends one ' +
      'request at a time and counts what was accepted. All processes read the same monotonic clock. ' +
      `The first ${WARM_UP_SECONDS} s are not counted. Updates go out every 100 ms: 50 ms are coalescing.`,
    details: {
      backend: server.description,
      screens: scale.screens,
      expected,
      counted: times.count,
      updates: report.updates,
      holes: report.holes,
      closed: report.closed,
      bytesPerUpdate: Math.round(report.messageBytes / Math.max(1, report.updates)),
      requests: result.account.requests,
      seconds: result.seconds,
      cpuSeconds,
    },
  }
}

function arrivalsOf(pairs: Float64Array): Arrival[] {
  return Array.from({ length: pairs.length / 2 }, (_, n) => ({
    to: pairs[2 * n] as number,
    at: pairs[2 * n + 1] as number,
  }))
}
