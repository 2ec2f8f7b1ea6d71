import { setTimeout as delay } from 'node:timers/promises'
import { cpuDuring } from '../clock.ts'
import { median, ratioOfMedians } from '../figures.ts'
import { startLiveServer } from '../live-server.ts'
import type { BareHandlers } from '../processes/bare-process.ts'
import { startChild } from '../processes/child.ts'
import type { RecordedMessage } from '../processes/screens-process.ts'
import type { SenderHandlers } from '../processes/sender-process.ts'
import type { Scenario } from '../scenario.ts'
import { type Report, startScreens } from '../screens.ts'

/** Hardly a tenth of a second passes without an event. */
const BUSYNESS = 6
/** One request per update: the cost of writing is subtracted, so it should be small. */
const TICK_MS = 100
const HEAD_START_MS = 10 * 60_000
const WARM_UP_SECONDS = 4
/** The last update and a head after it. */
const AFTERWARDS_MS = 700

const method =
  'CPU (user and system) of the server process while a ' +
  'simulated LIVE plays, less its CPU while the same LIVE plays to nobody, divided by the updates that ' +
  'the screens received. Then a bare Socket.IO server sends the very messages that one screen got ' +
  '(updates and heads) to a room of as many screens with the same pauses: equal bytes, equal rate. ' +
  'An embedded database is in the process of the server: then the subtraction is large and the ratio rough. ' +
  'After a warm-up the three take turns; the ratio is of medians. Screens are other processes.'

/** CPU of the server per delivered update, compared with a bare Socket.IO room that sends the same messages. */
export const delivery: Scenario = async (context) => {
  const { scale, say } = context
  await using live = await startLiveServer(context, 'delivery')
  await using screens = startScreens(scale.screens, scale.screenProcesses)
  await using sender = startChild<SenderHandlers>('sender-process.ts')
  await using bare = startChild<BareHandlers>('bare-process.ts')
  const bareUrl = await bare.ask('listen', undefined as never)
  const { server } = live

  async function play(creatorId: string, withScreens: boolean, seconds = scale.seconds) {
    await server.createCreator(creatorId)
    if (withScreens) await screens.open(server.address, creatorId)
    await sender.ask('preparePaced', {
      creatorId,
      session: 'live',
      seconds,
      pace: { busyness: BUSYNESS },
      // A LIVE starts quietly: this one is in full swing.
      headStartMs: HEAD_START_MS,
      tickMs: TICK_MS,
    })
    if (withScreens) await screens.record()
    const { result, cpuSeconds } = await cpuDuring(
      { server: server.pid, ...screens.pids },
      async () => {
        const played = await sender.ask('play', server.address)
        await delay(AFTERWARDS_MS)
        return played
      },
    )
    return { accepted: result.account.accepted, cpuSeconds }
  }

  async function replay(messages: readonly RecordedMessage[]) {
    // It does not authenticate.
    await screens.open({ url: bareUrl, key: '' }, 'bare')
    await screens.record()
    const { cpuSeconds } = await cpuDuring({ server: bare.pid, ...screens.pids }, async () => {
      await bare.ask('play', messages)
      await delay(AFTERWARDS_MS)
    })
    return { cpuSeconds, report: await finished() }
  }

  async function finished(): Promise<Report> {
    const report = await screens.report()
    await screens.close()
    if (report.closed > 0) throw new Error(`${report.closed} screens were disconnected`)
    if (report.updates === 0) throw new Error('no update was delivered')
    return report
  }

  // Code is compiled on its first run: that is not the cost of an update.
  await play('warm-up', true, WARM_UP_SECONDS)
  await replay((await finished()).recorded)
  await play('warm-up-control', false, WARM_UP_SECONDS)
  const rounds = []
  for (let round = 0; round < scale.rounds; round++) {
    const ours = await play(`delivery-${round}`, true)
    const report = await finished()
    const control = await play(`control-${round}`, false)
    const theirs = await replay(report.recorded)
    const used = difference(ours.cpuSeconds.server, control.cpuSeconds.server)
    const microseconds = used === null ? null : (used * 1e6) / report.updates
    const bareMicroseconds = perUpdate(theirs.cpuSeconds.server, theirs.report.updates)
    say(
      `round ${round + 1}: ${microseconds?.toFixed(1)} µs an update, bare ${bareMicroseconds?.toFixed(1)} µs`,
    )
    rounds.push({
      microseconds,
      withWriting: perUpdate(ours.cpuSeconds.server, report.updates),
      bareMicroseconds,
      withScreens: { ...ours, ...summary(report) },
      withoutScreens: control,
      bare: { cpuSeconds: theirs.cpuSeconds, ...summary(theirs.report) },
    })
  }
  const ours = known(rounds.map(({ microseconds }) => microseconds))
  const theirs = known(rounds.map(({ bareMicroseconds }) => bareMicroseconds))
  return {
    figures: [
      { budget: 'delivery_ratio', value: ratioOfMedians(ours, theirs) },
      {
        label: 'the ratio with the writing of the events not subtracted',
        unit: '×',
        value: ratioOfMedians(known(rounds.map(({ withWriting }) => withWriting)), theirs),
      },
      { label: 'CPU per delivered update', unit: 'µs', value: median(ours) },
      { label: 'the same by a bare Socket.IO room', unit: 'µs', value: median(theirs) },
    ],
    method: `${scale.screens} screens of one creator; ${method}`,
    details: { backend: server.description, screens: scale.screens, rounds },
    ...(ours.length === 0 && { notRun: ['delivery: CPU of a process is read from /proc (Linux)'] }),
  }
}

function summary({ updates, heads, holes, bytes, messageBytes, screens, recorded }: Report) {
  const recordedUpdates = recorded.filter(({ event }) => event === 'update')
  const updateBytes = recordedUpdates.reduce((sum, message) => sum + message.bytes, 0)
  return {
    screens,
    updates,
    heads,
    holes,
    bytes,
    messageBytes,
    meanUpdateBytes: Math.round(updateBytes / recordedUpdates.length),
  }
}

function perUpdate(seconds: number | null | undefined, updates: number): number | null {
  return seconds == null ? null : (seconds * 1e6) / updates
}

function difference(a: number | null | undefined, b: number | null | undefined): number | null {
  return a == null || b == null ? null : a - b
}

const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null)
