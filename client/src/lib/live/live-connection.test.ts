import { emptyState, snapshotOf } from '@creatorflow/shared/live-state'
import type { Requests, WatchReply } from '@creatorflow/shared/socket'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LiveConnection } from './live-connection.svelte.ts'
import type { LiveSocket } from './open-socket.ts'

const epoch = 'database.1.1'
const creator = {
  id: 'mira',
  name: 'Mira',
  time_zone: 'UTC',
  currency: 'EUR',
  locale: 'en',
  kind: 'real',
} as const

/** A socket whose other end is the test: watches wait until answered. */
function fakeSocket() {
  const listeners = new Map<string, (message: unknown) => void>()
  const watches: { request: Requests['watch']; settle: (answer: unknown) => void }[] = []
  const engine = { close: vi.fn() }
  const socket = {
    active: true,
    io: { engine },
    on: (event: string, listener: (message: unknown) => void) => listeners.set(event, listener),
    off: vi.fn(),
    connect: vi.fn(),
    disconnect: vi.fn(),
    timeout: (ms: number) => ({
      emitWithAck: (_name: string, request: Requests['watch']) =>
        new Promise((resolve, reject) => {
          watches.push({ request, settle: resolve })
          setTimeout(() => reject(new Error('timeout')), ms)
        }),
    }),
  }
  return {
    socket: socket as unknown as LiveSocket,
    calls: socket,
    watches,
    engine,
    receive: (event: string, message?: unknown) => listeners.get(event)?.(message),
    answer: async (answer: unknown) => {
      watches.at(-1)?.settle(answer)
      await vi.advanceTimersByTimeAsync(0)
    },
  }
}

const snapshotAt = (seq: number): { ok: true; value: WatchReply } => ({
  ok: true,
  value: {
    creator,
    epoch,
    seq,
    at: Date.now(),
    recovered: false,
    snapshot: { ...snapshotOf(emptyState(), null), seq },
  },
})
const head = (seq: number) => ({ creator_id: 'mira', epoch, seq, at: Date.now(), age_ms: 0 })

async function joined(seq: number) {
  const fake = fakeSocket()
  const connection = new LiveConnection('mira', fake.socket)
  fake.receive('connect')
  await fake.answer(snapshotAt(seq))
  expect(connection.connection.state).toBe('live')
  return { fake, connection }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('requestAnimationFrame', (paint: () => void) => setTimeout(paint, 16))
  vi.stubGlobal('cancelAnimationFrame', clearTimeout)
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('live connection', () => {
  it('[SOURCE-6] keeps the source status of its creator and no other', async () => {
    const { fake, connection } = await joined(10)
    expect(connection.sources).toBeNull()
    const heard = { creator_id: 'mira', at: 1, sources: [] }
    fake.receive('sources', heard)
    fake.receive('sources', { ...heard, creator_id: 'other', at: 2 })
    expect(connection.sources).toBe(heard)
    connection.close()
  })

  it('[SCREEN-3] joins without a position and resumes from the one it has', async () => {
    const { fake, connection } = await joined(10)
    expect(fake.watches[0]?.request).toEqual({ creator_id: 'mira' })
    fake.receive('disconnect', 'transport close')
    expect(connection.connection.state).toBe('offline')
    fake.receive('connect')
    expect(fake.watches[1]?.request).toEqual({ creator_id: 'mira', since: { epoch, seq: 10 } })
    connection.close()
  })

  it('[SCREEN-3] a screen that is behind at a head asks for the rest at once', async () => {
    const { fake, connection } = await joined(10)
    fake.receive('head', head(12))
    expect(fake.watches[1]?.request.since).toEqual({ epoch, seq: 10 })
    await fake.answer({ ok: true, value: { ...snapshotAt(12).value } })
    await vi.advanceTimersByTimeAsync(20)
    expect(connection.view?.seq).toBe(12)
    expect(connection.connection.state).toBe('live')
    connection.close()
  })

  it('[SCREEN-6] is stale after 1.5 s without a head, and live with the next one', async () => {
    const { fake, connection } = await joined(10)
    fake.receive('head', head(10))
    await vi.advanceTimersByTimeAsync(1_499)
    expect(connection.connection.state).toBe('live')
    await vi.advanceTimersByTimeAsync(1)
    expect(connection.connection.state).toBe('stale')
    fake.receive('head', head(10))
    expect(connection.connection.state).toBe('live')
    connection.close()
  })

  it('[SCREEN-6] a connection that swallows everything is dropped, so that the library opens a new one', async () => {
    const { fake, connection } = await joined(10)
    await vi.advanceTimersByTimeAsync(1_500 + 1_500 + 2_000)
    expect(fake.engine.close).toHaveBeenCalled()
    connection.close()
  })

  it('[SCREEN-7] an answer to an older watch is ignored', async () => {
    const { fake, connection } = await joined(10)
    connection.choose('one')
    connection.choose('two')
    expect(fake.watches[2]?.request).toEqual({ creator_id: 'mira', session_id: 'two' })
    fake.watches[1]?.settle(snapshotAt(99))
    await vi.advanceTimersByTimeAsync(20)
    expect(connection.view?.seq).toBe(10)
    await fake.answer({ ok: false, error: { code: 'not_live', message: 'gone' } })
    expect(connection.chosen).toBeNull()
    expect(fake.watches[3]?.request).toEqual({ creator_id: 'mira' })
    connection.close()
  })

  it('[SCREEN-7] a refusal is final and keeps its reason; a transient failure is retried', async () => {
    const { fake, connection } = await joined(10)
    fake.receive('disconnect', 'transport close')
    fake.receive('connect')
    await fake.answer({ ok: false, error: { code: 'unavailable', message: 'later' } })
    expect(connection.connection.state).toBe('joining')
    await vi.advanceTimersByTimeAsync(1_500)
    await fake.answer({ ok: false, error: { code: 'forbidden', message: 'not yours' } })
    expect(connection.connection.state).toBe('refused')
    expect(connection.refusal).toEqual({ code: 'forbidden', message: 'not yours' })
    expect(fake.calls.disconnect).toHaveBeenCalled()
    connection.close()
  })

  it('[SCREEN-7] a missing sign-in differs from an unreachable server', () => {
    const fake = fakeSocket()
    const connection = new LiveConnection('mira', fake.socket)
    fake.receive('connect_error', new Error('xhr poll error'))
    expect(connection.connection.state).toBe('offline')
    const error = Object.assign(new Error('Sign in.'), {
      data: { code: 'unauthorized', message: 'Sign in.' },
    })
    fake.receive('connect_error', error)
    expect(connection.refusal?.code).toBe('unauthorized')
    connection.close()
  })

  it('[SCREEN-7] stays away when its access ended, and reconnects when its rights changed', async () => {
    const { fake, connection } = await joined(10)
    fake.receive('status', { code: 'roles_changed', message: 'Changed.', retry: true })
    fake.receive('disconnect', 'io server disconnect')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(fake.calls.connect).toHaveBeenCalled()
    fake.receive('connect')
    fake.calls.connect.mockClear()
    fake.receive('status', { code: 'revoked', message: 'Withdrawn.', retry: false })
    fake.receive('disconnect', 'io server disconnect')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(fake.calls.connect).not.toHaveBeenCalled()
    expect(connection.refusal).toEqual({ code: 'revoked', message: 'Withdrawn.' })
    connection.close()
  })

  it('[LOSS-2] shows that it is too slow until the next head, and stays connected', async () => {
    const { fake, connection } = await joined(10)
    const message = 'Too slow.'
    fake.receive('status', { code: 'slow', message, retry: true })
    expect(connection.notice).toBe(message)
    expect(connection.refusal).toBeNull()
    fake.receive('head', head(10))
    expect(connection.notice).toBeNull()
    connection.close()
  })

  it('[SCREEN-6] after sleep it asks at once and does not claim to be live meanwhile', async () => {
    const { fake, connection } = await joined(10)
    vi.setSystemTime(Date.now() + 3_600_000)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(connection.connection.state).toBe('stale')
    expect(fake.watches.length).toBe(2)
    connection.close()
  })

  it('[SCREEN-6] heads that waited while the tab slept prove nothing, however fresh when sent', async () => {
    const { fake, connection } = await joined(10)
    fake.receive('head', head(10))
    const slept = { ...head(10), at: Date.now() + 4_000 }
    const missed = { ...head(12), at: Date.now() + 9_000 }
    vi.setSystemTime(Date.now() + 10_000)
    fake.receive('head', slept)
    expect(connection.connection.state).toBe('stale')
    fake.receive('head', missed)
    expect(connection.connection.state).toBe('stale')
    await fake.answer(snapshotAt(12))
    fake.receive('head', head(12))
    expect(connection.connection.state).toBe('live')
    connection.close()
  })

  it('[SCREEN-7] updates within one frame are drawn once', async () => {
    const { fake, connection } = await joined(10)
    await vi.advanceTimersByTimeAsync(20)
    const before = connection.view
    for (let seq = 11; seq <= 20; seq++) {
      fake.receive('update', { ...head(seq), from: seq, to: seq, changes: {} })
      expect(connection.view).toBe(before)
    }
    await vi.advanceTimersByTimeAsync(20)
    expect(connection.view?.seq).toBe(20)
    connection.close()
  })
})
