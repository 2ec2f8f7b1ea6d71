import { setTimeout as delay } from 'node:timers/promises'
import type { SourceContext, SourcedEvent } from '../runtime/source.ts'
import { type Connector, ConnectorError, type RawMessage, type Room } from './connector.ts'
import { letterOf, rawOf } from './letter.ts'
import { readMemory } from './memory.ts'
import { controlOf, type LiveEvent, type Normalised, normalise } from './normalise.ts'
import { step } from './watch-machine.ts'
import {
  beginWatch,
  memoryOf,
  shown,
  type WatchAction,
  type WatchInput,
  type WatchSettings,
} from './watch-state.ts'

const LOOK_TIMEOUT_MS = 45_000
/** A node that takes over knows what was seen until this long before. */
const REMEMBER_MS = 2_000
/** Of each name so many messages are kept by one connection: they are for reading, not for counting. */
const KEPT_OF_A_NAME = 20

export interface Watched {
  readonly handle: string
  readonly connector: Connector
  readonly context: SourceContext
  readonly settings: WatchSettings
}

/** Does what `watch-machine.ts` says, until the signal ends. Rejects when the events cannot be stored for good. */
export async function watch(watched: Watched, signal: AbortSignal): Promise<void> {
  const { handle, connector, context, settings } = watched
  const broken = Promise.withResolvers<never>()
  const stop = new AbortController()
  const both = AbortSignal.any([signal, stop.signal])
  const kept = new Map<string, number>()
  const memory = readMemory(await context.cursor.read())
  let state = beginWatch(context.now(), memory)
  let timer: NodeJS.Timeout | undefined
  let connection: { end: AbortController; ended: Promise<void> } | undefined
  let storing: Promise<unknown> = Promise.resolve()
  let rememberedAt = 0

  function tell(input: WatchInput): void {
    if (both.aborted) return
    const at = context.now()
    const next = step(state, input, { at, random: Math.random() }, settings)
    state = next.state
    const events = next.actions.flatMap((action) => (action.kind === 'event' ? action.event : []))
    const isNews = next.actions.length > 0
    if (isNews || at - rememberedAt >= REMEMBER_MS) remember(events, at)
    for (const action of next.actions) act(action)
    const { state: how, problem, retryAt } = shown(state, settings)
    context.report({
      state: how,
      ...(problem && { problem: problem.code }),
      ...(problem?.detail && { detail: problem.detail }),
      ...(retryAt !== null && { retryAt }),
    })
    clearTimeout(timer)
    if (state.dueAt !== null) {
      timer = setTimeout(() => tell({ kind: 'tick' }), Math.max(0, state.dueAt - context.now()))
    }
  }

  function act(action: WatchAction): void {
    if (action.kind === 'look') void look()
    else if (action.kind === 'disconnect') connection?.end.abort()
    else if (action.kind === 'connect') {
      const end = new AbortController()
      connection = { end, ended: receive(action.room, AbortSignal.any([both, end.signal])) }
    }
  }

  /** In order, and what is known only after what it tells of is stored: a crash between tells it again. */
  function remember(events: readonly LiveEvent[], at: number): void {
    rememberedAt = at
    const known = memoryOf(state)
    storing = storing
      .then(async () => {
        if (events.length > 0) {
          await context.deliver(events.map((event) => ({ event, raw: event, topic: event.type })))
        }
        if (!both.aborted) await context.cursor.write({ watch: known })
      })
      .catch((error: unknown) => {
        rememberedAt = 0
        if (!both.aborted) context.log.warn({ err: error }, 'failed to save the state of a watch')
      })
  }

  async function look(): Promise<void> {
    const end = AbortSignal.any([both, AbortSignal.timeout(LOOK_TIMEOUT_MS)])
    try {
      const late = delay(LOOK_TIMEOUT_MS + 1_000, undefined, { signal: both, ref: false })
      const room = await Promise.race([
        connector.findRoom(handle, { signal: end }),
        late.then(() => Promise.reject(new Error('no response in time'))),
      ])
      tell(room ? { kind: 'found', room } : { kind: 'offline' })
    } catch (error) {
      tell({ kind: 'look_failed', ...failureOf(error, 'api_unavailable') })
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

  async function take({ id: room, hostId }: Room, messages: readonly RawMessage[]): Promise<void> {
    const at = context.now()
    const events: (SourcedEvent & { readonly event: LiveEvent })[] = []
    let readable = messages.length === 0
    for (const message of messages) {
      const result = carefully(message, room, at, hostId)
      if (result.kind === 'unknown') await setAside(message, result.name, room, at)
      else readable = true
      if (result.kind !== 'event') continue
      const { event } = result
      events.push({ event, raw: rawOf(message, room, at), key: event.id, topic: message.type })
    }
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
    tell({ kind: 'message', readable })
    for (const { event } of events) {
      const control = controlOf(event)
      if (control) tell({ kind: control })
    }
  }

  async function setAside(message: RawMessage, name: string, room: string, at: number) {
    context.unknown(name)
    const count = kept.get(name) ?? 0
    if (count >= KEPT_OF_A_NAME) return
    kept.set(name, count + 1)
    const reason = `unknown message: ${name}`
    await context.setAside(letterOf(message, room, at, reason)).catch((error: unknown) => {
      context.log.warn({ err: error, name }, 'failed to store a dead letter')
    })
  }

  tell({ kind: 'tick' })
  const ended = new Promise<void>((done) => signal.addEventListener('abort', () => done()))
  try {
    if (!signal.aborted) await Promise.race([ended, broken.promise])
  } finally {
    clearTimeout(timer)
    stop.abort()
    await connection?.ended
    await storing
  }
}

/** A message that breaks the reading of it is one that we do not know. */
function carefully(
  message: RawMessage,
  room: string,
  at: number,
  hostId: string | undefined,
): Normalised {
  try {
    return normalise(message, room, at, hostId)
  } catch (error) {
    return { kind: 'unknown', name: error instanceof Error ? error.name : 'unreadable' }
  }
}

function failureOf<P extends 'api_unavailable' | 'connection_lost'>(error: unknown, otherwise: P) {
  const detail = error instanceof Error ? error.message : String(error)
  if (!(error instanceof ConnectorError)) return { problem: otherwise, detail }
  return { problem: error.problem, detail, retryAfterMs: error.retryAfterMs }
}
