import type { Handled, SourceContext } from '../../runtime/source.ts'
import { eventsOfMessage } from './normalise.ts'

/** Processes a stall's deliveries, and reports its status. */
export async function runMarket(context: SourceContext): Promise<void> {
  const { access_token } = await context.secrets.read()
  context.report(
    access_token
      ? { state: 'waiting' }
      : { state: 'needs_you', problem: 'reconnect', detail: 'Nobody authorized this server yet.' },
  )
  await context.workOff(async ({ id: key, topic, body: raw }): Promise<Handled> => {
    context.received(1)
    if (topic === 'closed') {
      context.report({ state: 'retrying', problem: 'market_closed' })
      return { kind: 'done' }
    }
    if (topic !== 'order') {
      context.unknown(topic)
      return { kind: 'done' }
    }
    try {
      const events = eventsOfMessage(raw)
      await context.deliver(events.map((event) => ({ event, raw, key, topic })))
    } catch (error) {
      return { kind: 'aside', reason: error instanceof Error ? error.message : String(error) }
    }
    context.report({ state: 'receiving' })
    return { kind: 'done' }
  })
}
