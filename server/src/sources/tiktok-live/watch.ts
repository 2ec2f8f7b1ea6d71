import { setTimeout as delay } from 'node:timers/promises'
import type { Report, SourceContext } from '../runtime/source.ts'
import { type Connector, ConnectorError, type RawMessage, type Room } from './connector.ts'
import { letterOf } from './letter.ts'
import { readMemory } from './memory.ts'
import { createMemoryWriter } from './memory-writer.ts'
import { controlOf } from './normalise.ts'
import { readMessages } from './read-messages.ts'
import { step } from './watch-machine.ts'
import {
  beginWatch,
  memoryOf,
  shown,
  type WatchAction,
  type WatchInput,
  type WatchSettings,
  type WatchState,
} from './watch-state.ts'

const LOOK_TIMEOUT_MS = 45_000
/** Messages kept per name and connection: they are for reading, not for counting. */
const KEPT_OF_A_NAME = 20

export interface Watched {
  readonly handle: string
  readonly connector: Connector
  readonly context: SourceContext
  readonly settings: WatchSettings
}

/** Carries out `watch-machine.ts` until the signal ends. Rejects if the events cannot be stored for good. */
export async function watch(watched: Watched, signal: AbortSignal): Promise<void> {
  const { handle, connector, context, settings } = watched
  const broken = Promise.withResolvers<never>()
  const stop = new AbortController()
  const both = AbortSignal.any([signal, stop.signal])
  const memory = createMemoryWriter(context, () => both.aborted)
  const setAside = createSettingAside(context)
  const remembered = readMemory(await context.cursor.read())
  let state = beginWatch(context.now(), remembered)
  let timer: NodeJS.Timeout | undefined
  let connection: { end: AbortController; ended: Promise<void> } | undefined

  function tell(input: WatchInput): void {
    if (both.aborted) return
    const at = context.now()
    const next = step(state, input, { at, random: Math.random() }, settings)
    state = next.state
    const events = next.actions.flatMap((action) => (action.kind === 'event' ? action.event : []))
    const isNews = next.actions.length > 0
    if (isNews || memory.isDue(at)) memory.write(memoryOf(state), events, at)
    for (const action of next.actions) act(action)
    context.report(reportOf(state, settings))
    clearTimeout(timer)
    if (state.dueAt !== null) {
      timer = setTimeout(() => tell({ kind: 'tick' }), Math.max(0, state.dueAt - context.now()))
    }
  }

  function act(action: WatchAction): void {
    if (action.kind === 'look') void look(connector, handle, both).then(tell)
    else if (action.kind === 'disconnect') connection?.end.abort()
    else if (action.kind === 'connect') {
      const end = new AbortController()
      connection = { end, ended: receive(action.room, AbortSignal.any([both, end.signal])) }
    }
  }

  async function receive(room: Room, end: AbortSignal): Promise<void> {
    try {
      for await (const signal of connector.connect(handle, room, { signal: end })) {
        if (signal.kind === 'connected') tell({ kind: 'connected' })
        else if (signal.kind === 'messages') await take(room, signal.messages)
        else {
          context.received(1)
          context.unknown('unreadable frame')
          tell({ kind: 'message', readable: false })
        }
      }
      tell({ kind: 'lost', problem: 'connection_lost', detail: 'it was closed' })
    } catch (error) {
      tell({ kind: 'lost', ...failureOf(error, 'connection_lost') })
    }
  }

  async function take(room: Room, messages: readonly RawMessage[]): Promise<void> {
    const at = context.now()
    const { events, unknown, isReadable } = readMessages(messages, room, at)
    for (const { message, name } of unknown) await setAside(message, name, room, at)
    context.received(messages.length)
    if (events.length > 0) {
      try {
        await context.deliver(events)
      } catch (error) {
        // Nothing of this connection could be stored any more.
        if (!both.aborted) broken.reject(error)
        return
      }
    }
    // Only now: what was not stored was not seen.
    tell({ kind: 'message', readable: isReadable })
    for (const { event } of events) {
      const control = controlOf(event)
      if (control) tell({ kind: control })
    }
  }

  tell({ kind: 'tick' })
  const ended = new Promise<void>((done) => signal.addEventListener('abort', () => done()))
  try {
    if (!signal.aborted) await Promise.race([ended, broken.promise])
  } finally {
    clearTimeout(timer)
    stop.abort()
    await connection?.ended
    await memory.end()
  }
}

/** Checks whether a handle is on air; never rejects. */
async function look(
  connector: Connector,
  handle: string,
  signal: AbortSignal,
): Promise<WatchInput> {
  const end = AbortSignal.any([signal, AbortSignal.timeout(LOOK_TIMEOUT_MS)])
  try {
    const late = delay(LOOK_TIMEOUT_MS + 1_000, undefined, { signal, ref: false })
    const room = await Promise.race([
      connector.findRoom(handle, { signal: end }),
      late.then(() => Promise.reject(new Error('no response in time'))),
    ])
    return room ? { kind: 'found', room } : { kind: 'offline' }
  } catch (error) {
    return { kind: 'look_failed', ...failureOf(error, 'api_unavailable') }
  }
}

/** Keeps unknown messages, a few per name. */
function createSettingAside(context: Pick<SourceContext, 'setAside' | 'unknown' | 'log'>) {
  const kept = new Map<string, number>()
  return async (message: RawMessage, name: string, room: Room, at: number): Promise<void> => {
    context.unknown(name)
    const count = kept.get(name) ?? 0
    if (count >= KEPT_OF_A_NAME) return
    kept.set(name, count + 1)
    const reason = `unknown message: ${name}`
    await context.setAside(letterOf(message, room.id, at, reason)).catch((error: unknown) => {
      context.log.warn({ err: error, name }, 'failed to store a dead letter')
    })
  }
}

function reportOf(state: WatchState, settings: WatchSettings): Report {
  const { state: how, problem, retryAt } = shown(state, settings)
  return {
    state: how,
    ...(problem && { problem: problem.code }),
    ...(problem?.detail && { detail: problem.detail }),
    ...(retryAt !== null && { retryAt }),
  }
}

function failureOf<P extends 'api_unavailable' | 'connection_lost'>(error: unknown, otherwise: P) {
  const detail = error instanceof Error ? error.message : String(error)
  if (!(error instanceof ConnectorError)) return { problem: otherwise, detail }
  return { problem: error.problem, detail, retryAfterMs: error.retryAfterMs }
}
