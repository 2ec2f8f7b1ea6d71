import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '@creatorflow/db/database'
import type { SourceKindId } from '@creatorflow/shared/sources'
import type { Sealer } from '../access/seal.ts'
import { every } from '../jobs/every.ts'
import { withLease } from '../jobs/lease.ts'
import type { Log } from '../log.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { DeadLetters } from './dead-letters.ts'
import { createHealth } from './health.ts'
import type { Inbox } from './inbox.ts'
import { takeIn } from './intake.ts'
import type { SourceContext, SourceKind, SourceRow } from './source.ts'
import {
  leaseOf,
  readCursor,
  readRunnable,
  readSecrets,
  writeCursor,
  writeSecrets,
} from './store.ts'

export interface RunnerDeps {
  readonly database: Database
  readonly pipeline: Pick<Pipeline, 'submit'>
  readonly deadLetters: DeadLetters
  readonly inbox: Inbox
  readonly sealer: Sealer
  readonly kinds: readonly SourceKind[]
  readonly log: Log
  readonly config: {
    readonly sourcesIntervalMs: number
    readonly maxHeldSources: number
  }
}

/** How long the connections of a node that died are nobody's. */
const LEASE_TTL_MS = 10_000
const FAILED_WAIT_MS = 10_000

/** Holds connections: each on one node at a time, by a lease, as long as somebody wants it. */
export function createRunner(deps: RunnerDeps): AsyncDisposable {
  const { database, config, log } = deps
  const kinds = new Map<SourceKindId, SourceKind>(deps.kinds.map((kind) => [kind.kind, kind]))
  const held = new Map<string, { version: number; stop: AbortController; ended: Promise<void> }>()

  async function look(): Promise<void> {
    const wanted = new Map((await readRunnable(database)).map((row) => [row.id, row]))
    for (const [id, { version, stop }] of held) {
      if (wanted.get(id)?.version !== version) stop.abort(new Error('changed or turned off'))
    }
    for (const source of wanted.values()) {
      const kind = kinds.get(source.kind)
      if (!kind || source.held || held.has(source.id)) continue
      if (held.size >= config.maxHeldSources) return
      hold(source, kind)
    }
  }

  function hold(source: SourceRow, kind: SourceKind): void {
    const stop = new AbortController()
    const ended = withLease(
      database,
      leaseOf(source.id),
      (lost) => run(source, kind, AbortSignal.any([lost, stop.signal])),
      { ttlMs: LEASE_TTL_MS },
    )
      .catch((error: unknown) => log.warn({ err: error, source: source.id }, 'a source was let go'))
      .then(() => void held.delete(source.id))
    held.set(source.id, { version: source.version, stop, ended })
  }

  /** Again and again, whatever it throws: a connection that fails must not need a restart. */
  async function run(source: SourceRow, kind: SourceKind, signal: AbortSignal): Promise<void> {
    const own = log.child({ source: source.id, kind: source.kind, creator_id: source.creator_id })
    await using health = createHealth(database, source.id, source.version, own)
    const context = contextOf(source, health, own, signal)
    own.info('a source is held by this node')
    while (!signal.aborted) {
      try {
        await kind.run(source, context, signal)
        if (signal.aborted) return
      } catch (error) {
        if (signal.aborted) return
        own.error({ err: error }, 'a source failed')
        const retryAt = Date.now() + FAILED_WAIT_MS
        const isSealed = error instanceof Error && error.message.includes('SECRET_KEY')
        health.report(
          isSealed
            ? { state: 'needs_you', problem: 'secrets_lost' }
            : { state: 'retrying', problem: 'internal', retryAt },
        )
      }
      await delay(FAILED_WAIT_MS, undefined, { signal }).catch(() => {})
    }
  }

  function contextOf(
    source: SourceRow,
    health: ReturnType<typeof createHealth>,
    own: Log,
    signal: AbortSignal,
  ): SourceContext {
    const { deadLetters, inbox, sealer } = deps
    const setAside: SourceContext['setAside'] = async (letter) => {
      await deadLetters.setAside(source, letter)
      health.setAside(1)
    }
    return {
      log: own,
      now: Date.now,
      async deliver(events) {
        const { newestTs, ...account } = await takeIn({ ...deps, log: own }, source, events, signal)
        health.stored(account.accepted, newestTs, Date.now())
        health.setAside(account.rejected)
        return account
      },
      setAside,
      report: health.report,
      received: (messages) => health.received(messages, Date.now()),
      unknown: health.unknown,
      secrets: {
        read: () => readSecrets(database, sealer, source.id),
        write: (changes) =>
          database.transaction((tx) => writeSecrets(tx, sealer, source.id, changes)),
      },
      cursor: {
        read: () => readCursor(database, source.id),
        write: (changes) => writeCursor(database, source.id, changes),
      },
      workOff: (handle, atOnce) =>
        inbox.workOff(
          source,
          handle,
          ({ id, topic, body }, reason) => setAside({ raw: body, reason, topic, key: id }),
          signal,
          atOnce,
        ),
    }
  }

  const looking = every(
    {
      intervalMs: config.sourcesIntervalMs,
      atOnce: true,
      failed: (error) => log.warn({ err: error }, 'sources could not be read'),
    },
    look,
  )
  return {
    async [Symbol.asyncDispose]() {
      await looking[Symbol.asyncDispose]()
      for (const { stop } of held.values()) stop.abort(new Error('the server stops'))
      await Promise.all([...held.values()].map(({ ended }) => ended))
    },
  }
}
