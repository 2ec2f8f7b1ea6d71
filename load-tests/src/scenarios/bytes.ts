import { setTimeout as delay } from 'node:timers/promises'
import { startLiveServer } from '../live-server.ts'
import { startChild } from '../processes/child.ts'
import type { SenderHandlers } from '../processes/sender-process.ts'
import type { Scenario } from '../scenario.ts'
import { startScreens } from '../screens.ts'

/** All get the same bytes: a few show that. */
const SCREENS = 10
/** A LIVE that has run for a while has a state worth comparing with. */
const HEAD_START_MS = 20 * 60_000
/** The head start is written, and the LIVE is running. */
const SETTLING_MS = 6_000
const creatorId = 'bytes'

/** Bytes that a screen receives, compared with sending it the full state as often. */
export const bytes: Scenario = async (context) => {
  const { say } = context
  const seconds = context.scale.seconds * 2
  await using live = await startLiveServer(context, 'bytes')
  await using screens = startScreens(SCREENS, 1)
  await using sender = startChild<SenderHandlers>('sender-process.ts')
  const { server } = live
  await server.createCreator(creatorId)
  await sender.ask('preparePaced', {
    creatorId,
    session: 'live',
    seconds: seconds + SETTLING_MS / 1000 + 1,
    pace: { busyness: 1 },
    headStartMs: HEAD_START_MS,
    headStart: 'sent',
  })
  const playing = sender.ask('play', server.address)
  // Awaited below: until then a failure must not be unhandled.
  playing.catch(() => {})
  await delay(SETTLING_MS)
  const before = await screens.open(server.address, creatorId)
  await screens.record()
  await delay(seconds * 1000)
  const report = await screens.report()
  await screens.close()
  const after = await screens.open(server.address, creatorId)
  await screens.close()
  await playing
  if (report.updates === 0) throw new Error('no update was delivered')

  const fullState = (before.reply.length + after.reply.length) / 2
  const perSecond = report.bytes / SCREENS / seconds
  const updatesPerSecond = report.updates / SCREENS / seconds
  say(`${Math.round(perSecond)} bytes a second, a full state has ${Math.round(fullState)}`)
  return {
    figures: [
      { budget: 'bytes_share', value: (100 * perSecond) / (fullState * updatesPerSecond) },
      { label: 'per screen', unit: 'kB/s', value: perSecond / 1000 },
      { label: 'full state', unit: 'kB', value: fullState / 1000 },
    ],
    method:
      `A simulated LIVE at rate 1, ${HEAD_START_MS / 60_000} min old, as it happens. All bytes that a ` +
      'screen reads (updates, heads, frames) in a second, against the bytes of an answer with the full ' +
      'state, mean of before and after, times the updates in a second.',
    details: {
      backend: server.description,
      seconds,
      bytesPerScreenPerSecond: perSecond,
      updatesPerSecond,
      bytesPerUpdate: report.messageBytes / report.updates,
      fullStateBytes: [before.reply.length, after.reply.length],
      shareOfFullStateAtTenPerSecond: perSecond / (fullState * 10),
      holes: report.holes,
    },
  }
}
