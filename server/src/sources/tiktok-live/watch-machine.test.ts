import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Moment } from './waits.ts'
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

const settings: WatchSettings = { pollMs: 60_000, silenceMs: 300_000, connectsPerHour: 30 }
const MINUTE_MS = 60_000
const begin = Date.UTC(2026, 2, 1, 18)
const room = { id: '7300000000000000001', title: 'Tea time' }
const otherRoom = { id: '7300000000000000002' }

/** A watch given one input after another, and what it did. */
function watching(given: Partial<WatchSettings> = {}, memory?: Parameters<typeof beginWatch>[1]) {
  const of = { ...settings, ...given }
  let at = begin
  let state = beginWatch(at, memory)
  const done: WatchAction[] = []
  const self = {
    get state() {
      return state
    },
    get shown() {
      return shown(state, of)
    },
    get at() {
      return at
    },
    get events() {
      return done.flatMap((action) => (action.kind === 'event' ? [action.event] : []))
    },
    count: (kind: WatchAction['kind']) => done.filter((action) => action.kind === kind).length,
    after(ms: number) {
      at += ms
      return self
    },
    tell(...inputs: WatchInput[]) {
      for (const input of inputs) {
        const next = step(state, input, { at, random: 0.5 }, of)
        state = next.state
        done.push(...next.actions)
      }
      return self
    },
    /** Waits until the next check is due, and runs it. */
    due() {
      at = Math.max(at, state.dueAt ?? at)
      return self.tell({ kind: 'tick' })
    },
  }
  return self
}

const tick: WatchInput = { kind: 'tick' }
const found: WatchInput = { kind: 'found', room }
const offline: WatchInput = { kind: 'offline' }
const connected: WatchInput = { kind: 'connected' }
const message: WatchInput = { kind: 'message', readable: true }
const lost: WatchInput = { kind: 'lost', problem: 'connection_lost', detail: 'closed with 1006' }
const lookFailed: WatchInput = { kind: 'look_failed', problem: 'api_unavailable', detail: 'a 503' }

const inputs = {
  tick,
  found,
  'found another': { kind: 'found', room: otherRoom },
  offline,
  'look failed': lookFailed,
  connected,
  message,
  paused: { kind: 'paused' },
  resumed: { kind: 'resumed' },
  ended: { kind: 'ended' },
  lost,
} as const satisfies Readonly<Record<string, WatchInput>>

const situations: Readonly<Record<string, (watch: ReturnType<typeof watching>) => void>> = {
  idle: () => {},
  looking: (watch) => watch.tell(tick),
  connecting: (watch) => watch.tell(tick, found),
  receiving: (watch) => watch.tell(tick, found, connected, message),
  paused: (watch) => watch.tell(tick, found, connected, { kind: 'paused' }),
  checking: (watch) => watch.tell(tick, found, connected).after(settings.silenceMs).tell(tick),
  lost: (watch) => watch.tell(tick, found, connected, message).after(5_000).tell(lost),
  searching: (watch) => watch.tell(tick, found, connected).after(5_000).tell(lost).due(),
  over: (watch) => watch.tell(tick, found, connected, { kind: 'ended' }),
}

/** For each situation the result of each input: the phase, `?` while it asks, the LIVE, and the actions. */
const transitions: Readonly<Record<string, Readonly<Record<keyof typeof inputs, string>>>> = {
  idle: same('idle', { tick: 'idle? | look' }),
  looking: same('idle?', {
    found: 'connecting A | live_started connect',
    'found another': 'connecting B | live_started connect',
    offline: 'idle',
    'look failed': 'idle',
  }),
  connecting: same('connecting A', { connected: 'receiving A', lost: 'idle A' }),
  receiving: same('receiving A', {
    paused: 'receiving A paused',
    ended: 'receiving | disconnect',
    lost: 'idle A',
  }),
  paused: same('receiving A paused', {
    resumed: 'receiving A',
    ended: 'receiving | disconnect',
    lost: 'idle A paused',
  }),
  checking: same('receiving? A', {
    found: 'receiving A',
    'found another': 'receiving B | live_ended disconnect live_started',
    offline: 'receiving | live_ended disconnect',
    'look failed': 'receiving | live_ended disconnect',
    paused: 'receiving? A paused',
    ended: 'receiving? | disconnect',
    lost: 'idle? A',
  }),
  lost: same('idle A', { tick: 'idle A' }),
  searching: same('idle? A', {
    found: 'connecting A | connect',
    'found another': 'connecting B | live_ended live_started connect',
    offline: 'idle A',
    'look failed': 'idle A',
  }),
  over: same('receiving', { lost: 'idle' }),
}

function same(as: string, but: Partial<Record<keyof typeof inputs, string>>) {
  const names = Object.keys(inputs) as (keyof typeof inputs)[]
  // Safe: each input has its entry.
  return Object.fromEntries(names.map((name) => [name, but[name] ?? as])) as Record<
    keyof typeof inputs,
    string
  >
}

function described(state: WatchState, actions: readonly WatchAction[]): string {
  const live = state.live ? (state.live.room.id === room.id ? ' A' : ' B') : ''
  const where = `${state.phase}${state.looking ? '?' : ''}${live}${state.paused ? ' paused' : ''}`
  const did = actions.map((action) => (action.kind === 'event' ? action.event.type : action.kind))
  return did.length > 0 ? `${where} | ${did.join(' ')}` : where
}

describe('every input in every situation', () => {
  const rows = Object.entries(transitions).flatMap(([situation, row]) =>
    Object.entries(row).map(([input, expected]) => ({ situation, input, expected })),
  )

  test.each(rows)('[TIKTOK-1] $situation, $input: $expected', ({ situation, input, expected }) => {
    const watch = watching()
    situations[situation]?.(watch)
    const moment: Moment = { at: watch.at, random: 0.5 }
    const next = step(watch.state, inputs[input as keyof typeof inputs], moment, settings)
    expect(described(next.state, next.actions)).toBe(expected)
  })

  test('[TIKTOK-1] the table covers every situation', () => {
    expect(Object.keys(transitions)).toEqual(Object.keys(situations))
  })
})

describe('going on air', () => {
  test('[TIKTOK-2] a handle is checked at once, then regularly, until it is on air', () => {
    const watch = watching()
    expect(watch.shown.state).toBe('starting')
    watch.due().tell(offline)
    expect(watch.shown).toEqual({ state: 'waiting', problem: null, retryAt: null })
    expect(watch.state.dueAt).toBe(begin + 60_000)
    watch.after(59_999).tell(tick)
    expect(watch.count('look')).toBe(1)
    watch.due().tell(found)
    expect(watch.shown.state).toBe('starting')
    watch.tell(connected)
    expect(watch.shown).toEqual({ state: 'receiving', problem: null, retryAt: null })
  })

  test('[TIKTOK-3] a LIVE starts when it went on air, or when it was first seen, once', () => {
    const watch = watching().due().tell(found, connected, message, lost)
    watch.due().tell(found, connected)
    expect(watch.events.filter(({ type }) => type === 'live_started')).toEqual([
      {
        id: `tiktok:${room.id}:started`,
        type: 'live_started',
        ts: begin,
        channel: 'tiktok',
        session_id: room.id,
        properties: { title: 'Tea time' },
      },
    ])
    const startedAt = begin - 10 * MINUTE_MS
    const known = watching()
      .due()
      .tell({ kind: 'found', room: { ...otherRoom, startedAt } })
    expect(known.events).toMatchObject([{ type: 'live_started', ts: startedAt }])
  })
})

describe('losing and coming back', () => {
  test('[TIKTOK-1] the time from the last message to the return is one gap of the LIVE', () => {
    const watch = watching().due().tell(found, connected).after(1_000).tell(message)
    const seenAt = watch.at
    watch.after(4_000).tell(lost)
    expect(watch.shown).toMatchObject({ state: 'retrying', problem: { code: 'connection_lost' } })
    watch.due().tell(found, lost).due().tell(found, connected, message)
    expect(watch.events.filter(({ type }) => type === 'source_gap')).toEqual([
      {
        id: `tiktok:${room.id}:gap:${seenAt}`,
        type: 'source_gap',
        ts: seenAt,
        quantity: watch.at - seenAt,
        channel: 'tiktok',
        session_id: room.id,
        properties: { source: 'tiktok_live' },
      },
    ])
    watch.due().tell(found)
    expect(watch.count('event')).toBe(2)
  })

  test('[TIKTOK-2] each failure doubles the wait, up to a minute, spread by chance', () => {
    const waits = (random: number) => {
      let state = beginWatch(begin)
      let at = begin
      return Array.from({ length: 8 }, () => {
        for (const input of [tick, found, lost]) {
          state = step(state, input, { at, random }, settings).state
        }
        const wait = state.notBefore - at
        at = state.notBefore
        return wait
      })
    }
    expect(waits(1)).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1_000))
    expect(waits(0)).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 500))
  })

  test('[TIKTOK-2] a connection that held for a minute makes the next failure a first one', () => {
    const watch = watching().due().tell(found, lost).due().tell(found, lost)
    expect(watch.state.failures).toBe(2)
    watch.due().tell(found, connected, message)
    expect(watch.shown).toMatchObject({ state: 'receiving', problem: { code: 'connection_lost' } })
    watch.after(MINUTE_MS).tell(message)
    expect(watch.shown.problem).toBeNull()
    watch.after(MINUTE_MS).tell(lost)
    expect(watch.state.failures).toBe(1)
  })

  test('[TIKTOK-2] past the connects per hour it waits, says so, and resumes when one is an hour old', () => {
    const watch = watching({ connectsPerHour: 3 })
    for (let n = 0; n < 4; n++) watch.due().tell(found, connected).after(1_000).tell(lost)
    expect(watch.count('connect')).toBe(3)
    expect(watch.shown).toMatchObject({
      state: 'retrying',
      problem: { code: 'connect_budget', detail: 'closed with 1006' },
      retryAt: begin + 60 * MINUTE_MS,
    })
    // Meanwhile the LIVE is reported as on air: it is not over.
    while (watch.at < begin + 59 * MINUTE_MS) watch.due().tell(found)
    expect(watch.count('connect')).toBe(3)
    watch.due().tell(found)
    watch.due().tell(found)
    expect(watch.count('connect')).toBe(4)
    expect(watch.events.map(({ type }) => type)).not.toContain('live_ended')
  })

  test('[TIKTOK-2] a wait requested by the sign server is respected', () => {
    const refused: WatchInput = {
      kind: 'lost',
      problem: 'rate_limited',
      detail: 'too many',
      retryAfterMs: 200_000,
    }
    const watch = watching().due().tell(found, refused)
    expect(watch.shown).toMatchObject({
      state: 'retrying',
      problem: { code: 'rate_limited' },
      retryAt: begin + 200_000,
    })
    while (watch.at < begin + 199_999) {
      expect(watch.count('connect')).toBe(1)
      watch.due().tell(found)
    }
    expect(watch.count('connect')).toBe(2)
    // Without a requested wait: at least a minute, and longer each time.
    const { notBefore } = watch.tell({ ...refused, retryAfterMs: undefined }).state
    expect(notBefore - watch.at).toBe(2 * MINUTE_MS * 1.125)
  })

  test('[TIKTOK-2] a problem that needs a person is shown and retried rarely', () => {
    const unpaid: WatchInput = { kind: 'lost', problem: 'payment_required', detail: 'a plan' }
    const watch = watching().due().tell(found, unpaid)
    expect(watch.shown).toMatchObject({ state: 'needs_you', retryAt: begin + 15 * MINUTE_MS })
    const unknown: WatchInput = { kind: 'look_failed', problem: 'unknown_account', detail: '@x' }
    const other = watching().due().tell(unknown)
    expect(other.shown).toMatchObject({
      state: 'needs_you',
      problem: { code: 'unknown_account' },
      retryAt: begin + 5 * MINUTE_MS,
    })
    other.due().tell(offline)
    expect(other.shown).toMatchObject({ state: 'waiting', problem: null })
  })

  test('[TIKTOK-2] a platform that does not answer is retried, and the problem ends when it does', () => {
    const watch = watching().due().tell(lookFailed)
    expect(watch.shown).toMatchObject({ state: 'retrying', problem: { code: 'api_unavailable' } })
    watch.due().tell(found, connected)
    expect(watch.shown).toMatchObject({ state: 'receiving', problem: null })
  })
})

describe('the end of a LIVE', () => {
  test('[TIKTOK-3] without an end message it is over after the silence, at its last sign of life', () => {
    const watch = watching().due().tell(found, connected).after(1_000).tell(message)
    const lastAt = watch.at
    watch.due().tell(offline)
    expect(watch.at - lastAt).toBe(settings.silenceMs)
    expect(watch.events.at(-1)).toEqual({
      id: `tiktok:${room.id}:ended`,
      type: 'live_ended',
      ts: lastAt,
      channel: 'tiktok',
      session_id: room.id,
    })
    expect(watch.count('disconnect')).toBe(1)
    expect(watch.tell(lost).shown.state).toBe('waiting')
  })

  test('[TIKTOK-3] a quiet LIVE reported as on air is not over', () => {
    const watch = watching().due().tell(found, connected)
    for (let n = 0; n < 5; n++) watch.due().tell(found)
    expect(watch.events.map(({ type }) => type)).toEqual(['live_started'])
  })

  test('[TIKTOK-3] a LIVE lost for good ends with its gap, where it was last on air', () => {
    const watch = watching().due().tell(found, connected, message).after(1_000).tell(lost)
    watch.due().tell(found, lost)
    const seenAt = watch.at
    while (watch.events.at(-1)?.type !== 'live_ended') watch.due().tell(offline)
    expect(watch.at).toBeGreaterThanOrEqual(seenAt + settings.silenceMs)
    expect(watch.events.slice(1)).toMatchObject([
      { type: 'source_gap', ts: begin, quantity: seenAt - begin },
      { type: 'live_ended', ts: seenAt },
    ])
    expect(watch.shown.state).toBe('waiting')
  })

  test('[TIKTOK-3] an end message is final: a late answer does not reopen the room', () => {
    const watch = watching().due().tell(found, connected, { kind: 'ended' }, lost)
    expect(watch.shown.state).toBe('waiting')
    watch.due().tell(found)
    expect(watch.count('connect')).toBe(1)
    expect(watch.events.map(({ type }) => type)).toEqual(['live_started'])
  })

  test('[TIKTOK-3] another room is another LIVE, and the end of the one before', () => {
    const watch = watching().due().tell(found, connected, message).after(2_000).tell(lost)
    watch.due().tell({ kind: 'found', room: otherRoom }, connected)
    expect(watch.events.map(({ type, session_id }) => [type, session_id])).toEqual([
      ['live_started', room.id],
      ['live_ended', room.id],
      ['live_started', otherRoom.id],
    ])
  })

  test('[TIKTOK-3] a paused host is shown as paused until the LIVE resumes', () => {
    const watch = watching().due().tell(found, connected, { kind: 'paused' })
    expect(watch.shown.state).toBe('paused')
    expect(watch.tell({ kind: 'resumed' }).shown.state).toBe('receiving')
  })
})

test('[TIKTOK-4] many unreadable messages in a row are reported', () => {
  const watch = watching().due().tell(found, connected)
  const rubbish: WatchInput = { kind: 'message', readable: false }
  watch.tell(...Array.from({ length: 19 }, () => rubbish))
  expect(watch.shown).toMatchObject({ state: 'receiving', problem: null })
  expect(watch.tell(rubbish).shown).toMatchObject({ problem: { code: 'unreadable' } })
  expect(watch.tell(message).shown).toMatchObject({ problem: null })
})

test('[TIKTOK-1] whoever takes over knows the LIVE, its gap, and the connects of the hour', () => {
  const first = watching().due().tell(found, connected).after(1_000).tell(message)
  const memory = JSON.parse(JSON.stringify(memoryOf(first.state)))
  const second = watching({ connectsPerHour: 2 }, memory).after(20_000).due()
  expect(second.shown.state).toBe('retrying')
  second.tell(found, connected)
  expect(second.events).toMatchObject([{ type: 'source_gap', ts: begin + 1_000, quantity: 19_000 }])
  second.tell(lost).due().tell(found)
  expect(second.shown.problem?.code).toBe('connect_budget')
})

/** What usually comes next. */
function onwards(state: WatchState): WatchInput {
  if (state.looking) return found
  return state.phase === 'connecting' ? connected : tick
}

describe('whatever happens', () => {
  const happenings = fc.array(
    fc.record({
      wait: fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 400_000 })),
      random: fc.double({ min: 0, max: 1, noNaN: true }),
      input: fc.constantFrom(...Object.values(inputs), ...Array(6).fill('onwards' as const)),
    }),
    { maxLength: 300 },
  )

  test('[TIKTOK-1] no hour has more connects than allowed, nothing starts twice, and it never stalls', () => {
    fc.assert(
      fc.property(happenings, fc.integer({ min: 1, max: 5 }), (list, connectsPerHour) => {
        const of = { ...settings, connectsPerHour }
        let state = beginWatch(begin)
        let at = begin
        let open = false
        const begun: number[] = []
        const ids = new Map<string, string>()
        for (const { wait, random, input } of list) {
          at = input === 'onwards' ? Math.max(at, state.dueAt ?? at) : at + wait
          const before = state
          const told = input === 'onwards' ? onwards(state) : input
          const next = step(state, told, { at, random }, of)
          state = next.state
          for (const action of next.actions) {
            if (action.kind === 'look') expect(before.looking).toBe(false)
            if (action.kind === 'connect') {
              expect(open).toBe(false)
              begun.push(at)
            }
            if (action.kind === 'event') {
              const { id, type, ts, quantity = 0 } = action.event
              expect(quantity).toBeGreaterThanOrEqual(0)
              expect(ts).toBeLessThanOrEqual(at)
              // The same end of a gap is not reported twice.
              if (type === 'source_gap') expect(ids.has(id)).toBe(false)
              ids.set(id, type)
            }
          }
          open = state.phase !== 'idle'
          expect(begun.filter((time) => time > at - 60 * MINUTE_MS).length).toBeLessThanOrEqual(
            connectsPerHour,
          )
          const answers = state.looking || state.phase === 'connecting'
          expect(answers || state.dueAt !== null).toBe(true)
          expect(() => shown(state, of)).not.toThrow()
          expect(beginWatch(at, JSON.parse(JSON.stringify(memoryOf(state)))).dueAt).toBe(at)
        }
      }),
    )
  })
})
