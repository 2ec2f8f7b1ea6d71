import { isDeepStrictEqual } from 'node:util'
import type { Result } from '@creatorflow/shared/errors'
import type { GroundTruth } from '@creatorflow/shared/simulator/simulate-live'
import type { WatchReply } from '@creatorflow/shared/socket'
import { cpuDuring } from '../clock.ts'
import { percentile } from '../figures.ts'
import { startLiveServer } from '../live-server.ts'
import type { Scenario } from '../scenario.ts'
import { type Opened, startScreens } from '../screens.ts'
import { createSender, emptyAccount } from '../sender.ts'
import type { ServerProcess } from '../server-process.ts'
import { wholeLive } from '../simulated.ts'

const creatorId = 'join'

/** How long screens that join together take until each is exact, after a restart and again. */
export const join: Scenario = async (context) => {
  const { scale, say } = context
  await using running = await startLiveServer(context, 'join')
  await using screens = startScreens(scale.screens, scale.screenProcesses)
  const live = wholeLive(creatorId, scale.joinEvents)
  await running.server.createCreator(creatorId)
  const sender = createSender(running.server.address)
  const account = emptyAccount()
  await sender.send(live.body, account)
  sender.close()
  if (account.accepted !== live.events) {
    throw new Error(`${account.accepted} of ${live.events} events were accepted`)
  }

  async function everyoneJoins(server: ServerProcess) {
    const before = await server.metric('creatorflow_follow_reads_total')
    const { result: opened, cpuSeconds } = await cpuDuring(
      { server: server.pid, ...screens.pids },
      () => screens.open(server.address, creatorId),
    )
    const reads = (await server.metric('creatorflow_follow_reads_total')) - before
    await screens.close()
    checkExact(opened, live.events, live.truth)
    const [first, half, last] = [0, 0.5, 1].map((share) => percentile(opened.afterMs, share))
    return { firstMs: first, p50Ms: half, lastMs: last ?? null, reads, cpuSeconds }
  }

  const cold = await everyoneJoins(await running.restart())
  const warm = await everyoneJoins(running.server)
  say(`all exact after ${cold.lastMs?.toFixed(0)} ms, again after ${warm.lastMs?.toFixed(0)} ms`)
  return {
    figures: [
      { budget: 'join_time', value: cold.lastMs },
      { budget: 'join_reads', value: cold.reads },
      { label: 'the same while the state is held', unit: 'ms', value: warm.lastMs },
    ],
    method:
      `A LIVE of ${live.events} events is in the log and the server has just started. ${scale.screens} screens ` +
      'connect and watch at once; the time ends when the last one has its snapshot. All snapshots ' +
      'must be the same bytes and hold the totals that the simulator counted itself.',
    details: {
      backend: running.server.description,
      screens: scale.screens,
      events: live.events,
      cold,
      warm,
    },
  }
}

function checkExact({ differing, reply }: Opened, events: number, truth: GroundTruth): void {
  if (differing !== 1) throw new Error(`the screens got ${differing} different snapshots`)
  const [result] = JSON.parse(reply) as [Result<WatchReply>]
  if (!result.ok || result.value.recovered) throw new Error('the answer holds no snapshot')
  const { seq, snapshot } = result.value
  if (seq !== events) throw new Error(`the screens are at ${seq} of ${events} events`)
  const totals = snapshot.lives[truth.session_id]?.totals
  if (!isDeepStrictEqual({ ...totals }, { ...truth.totals })) {
    throw new Error(
      `wrong totals: ${JSON.stringify(totals)}, true: ${JSON.stringify(truth.totals)}`,
    )
  }
}
