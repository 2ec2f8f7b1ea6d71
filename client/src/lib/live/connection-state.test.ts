import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  advance,
  BEAT_TIMEOUT_MS,
  type Command,
  type Connection,
  type ConnectionEvent,
  connectionEvents,
  initialConnection,
  isTrusted,
  patienceMs,
  type State,
  states,
} from './connection-state.ts'

type Expected = `${State}` | `${State} ${Exclude<Command, 'none'>}`

/** Written independently of the code, one row per state: a forgotten pair does not compile. */
const table: Record<State, Record<ConnectionEvent, Expected>> = {
  connecting: {
    connected: 'joining watch',
    disconnected: 'offline',
    joined: 'connecting',
    failed: 'connecting',
    unanswered: 'connecting',
    update: 'connecting',
    head: 'connecting',
    gap: 'connecting',
    epoch_changed: 'connecting',
    live_changed: 'connecting',
    beat_missed: 'connecting',
    wake: 'connecting',
    refused: 'refused close',
  },
  joining: {
    connected: 'joining watch',
    disconnected: 'offline',
    joined: 'live',
    failed: 'joining watch_soon',
    unanswered: 'joining reconnect',
    update: 'joining',
    head: 'joining',
    gap: 'joining',
    epoch_changed: 'joining',
    live_changed: 'joining watch_afresh',
    beat_missed: 'joining',
    wake: 'joining',
    refused: 'refused close',
  },
  live: {
    connected: 'joining watch',
    disconnected: 'offline',
    joined: 'live',
    failed: 'live watch_soon',
    unanswered: 'live reconnect',
    update: 'live',
    head: 'live',
    gap: 'resyncing watch',
    epoch_changed: 'resyncing watch_afresh',
    live_changed: 'resyncing watch_afresh',
    beat_missed: 'stale watch_soon',
    wake: 'resyncing watch',
    refused: 'refused close',
  },
  resyncing: {
    connected: 'joining watch',
    disconnected: 'offline',
    joined: 'live',
    failed: 'resyncing watch_soon',
    unanswered: 'stale reconnect',
    update: 'resyncing',
    head: 'live',
    gap: 'resyncing',
    epoch_changed: 'resyncing watch_afresh',
    live_changed: 'resyncing watch_afresh',
    beat_missed: 'stale',
    wake: 'resyncing',
    refused: 'refused close',
  },
  stale: {
    connected: 'joining watch',
    disconnected: 'offline',
    joined: 'stale',
    failed: 'stale watch_soon',
    unanswered: 'stale reconnect',
    update: 'stale',
    head: 'live',
    gap: 'stale watch',
    epoch_changed: 'stale watch_afresh',
    live_changed: 'stale watch_afresh',
    beat_missed: 'stale watch_soon',
    wake: 'stale watch',
    refused: 'refused close',
  },
  offline: {
    connected: 'joining watch',
    disconnected: 'offline',
    joined: 'offline',
    failed: 'offline',
    unanswered: 'offline',
    update: 'offline',
    head: 'offline',
    gap: 'offline',
    epoch_changed: 'offline',
    live_changed: 'offline',
    beat_missed: 'offline',
    wake: 'offline',
    refused: 'refused close',
  },
  refused: {
    connected: 'joining watch',
    disconnected: 'refused',
    joined: 'refused',
    failed: 'refused',
    unanswered: 'refused',
    update: 'refused',
    head: 'refused',
    gap: 'refused',
    epoch_changed: 'refused',
    live_changed: 'refused',
    beat_missed: 'refused',
    wake: 'refused',
    refused: 'refused',
  },
}

const walk = (events: readonly ConnectionEvent[]) =>
  events.reduce<Connection>(
    (connection, event, at) => advance(connection, event, at + 1).connection,
    initialConnection,
  )

describe('connection state', () => {
  for (const state of states) {
    it(`[SCREEN-6] ${state}: every event has exactly one outcome`, () => {
      for (const event of connectionEvents) {
        const { connection, command } = advance({ state, exactAt: null }, event, 1)
        const told = command === 'none' ? connection.state : `${connection.state} ${command}`
        expect(told, event).toBe(table[state][event])
      }
    })
  }

  it('[SCREEN-6] only an answered watch or a head moves the moment up to which the screen was exact', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...connectionEvents)), (events) => {
        const before = walk(events)
        for (const event of connectionEvents) {
          const after = advance(before, event, 1_000_000).connection
          if (after.exactAt !== before.exactAt) {
            expect(['joined', 'head']).toContain(event)
            expect(after.state).toBe('live')
          }
        }
      }),
    )
  })

  it('[SCREEN-6] the older the proof in a head, the shorter the wait for the next one', () => {
    expect(patienceMs(0)).toBe(BEAT_TIMEOUT_MS)
    expect(patienceMs(1_000)).toBe(900)
    // Whatever the server's proof, a screen shows staleness within two seconds of it.
    for (let age = 0; age <= 2_500; age += 100)
      expect(age + patienceMs(age)).toBeLessThanOrEqual(Math.max(age, 1_900))
  })

  it('[SCREEN-6] stale and offline both count from the last head', () => {
    const stale = walk(['connected', 'joined', 'head', 'update', 'beat_missed'])
    expect(stale).toEqual({ state: 'stale', exactAt: 3 })
    expect(advance(stale, 'disconnected', 99).connection).toEqual({ state: 'offline', exactAt: 3 })
  })

  it('[SCREEN-6] after silence only a head counts as proof, not an answer or an update', () => {
    const stale = walk(['connected', 'joined', 'beat_missed', 'joined', 'update'])
    expect(isTrusted(stale.state)).toBe(false)
    expect(isTrusted(advance(stale, 'head', 9).connection.state)).toBe(true)
  })

  it('[SCREEN-6] from any state, an open socket and an answered watch lead back to live', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...connectionEvents)), (events) => {
        expect(walk([...events, 'disconnected', 'connected', 'joined']).state).toBe('live')
      }),
    )
  })
})
