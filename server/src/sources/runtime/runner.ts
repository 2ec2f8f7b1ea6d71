import { setTimeout as delay } from 'node:timers/promises'
import { type Database, isUnavailable } from '@creatorflow/db/database'
import type { Bus } from '../../bus/bus.ts'
import { every } from '../../core/every.ts'
import { withLease } from '../../core/lease.ts'
import type { Log } from '../../core/log.ts'
import { OtherKeyError, type Sealer } from '../../core/seal.ts'
import type { DeadLetters } from '../../dead-letters/dead-letters.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import { contextOf } from './context-of.ts'
import { createHealth } from './health.ts'
import type { Inbox } from './inbox.ts'
import type { Report, SourceKind, SourceRow } from './source.ts'
import { leaseOf, readRunnable, sourcesChannel } from './store.ts'

export interface RunnerDeps {
  readonly database: Database
  readonly bus: Bus
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

export interface RunnerTimes {
  /** How long nobody holds the connections of a dead node. */
  readonly leaseTtlMs: number
  /** Time until a failed or ended connection is retried. */
  readonly againMs: number
}

const usualTimes: RunnerTimes = { leaseTtlMs: 10_000, againMs: 10_000 }

/** Holds connections: each on one node at a time, by a lease, as long as it is wanted. */
export function createRunner(
  deps: RunnerDeps,
  { leaseTtlMs, againMs }: RunnerTimes = usualTimes,
): AsyncDisposable {
  const { database, config, log } = deps
  const kinds = new Map(deps.kinds.map((kind) => [kind.kind, kind]))
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
      { ttlMs: leaseTtlMs },
    )
      .catch((error: unknown) =>
        log.warn({ err: error, source: source.id }, 'a source was released'),
      )
      .then(() => {
        held.delete(source.id)
        // It restarts when someone changed it.
        if (stop.signal.aborted) looking.soon()
      })
    held.set(source.id, { version: source.version, stop, ended })
  }

  /** Repeatedly, whatever it throws: a failed connection must not need a restart. */
  async function run(source: SourceRow, kind: SourceKind, signal: AbortSignal): Promise<void> {
    const own = log.child({ source: source.id, kind: source.kind, creator_id: source.creator_id })
    await using health = createHealth(database, source.id, source.version, own)
    const context = contextOf({ ...deps, log: own }, source, health, signal)
    own.info('this node runs a source')
    while (!signal.aborted) {
      try {
        await kind.run(source, context, signal)
        if (signal.aborted) return
      } catch (error) {
        if (signal.aborted) return
        if (isUnavailable(error)) own.warn({ err: error }, 'a source is waiting for the database')
        else own.error({ err: error }, 'a source failed')
        health.report(failed(error, Date.now() + againMs))
      }
      await delay(againMs, undefined, { signal }).catch(() => {})
    }
  }

  const looking = every(
    {
      intervalMs: config.sourcesIntervalMs,
      atOnce: true,
      failed: (error) => log.warn({ err: error }, 'failed to read sources'),
    },
    look,
  )
  const subscribed = deps.bus.subscribe(sourcesChannel, () => looking.soon())
  return {
    async [Symbol.asyncDispose]() {
      await (await subscribed)()
      await looking[Symbol.asyncDispose]()
      for (const { stop } of held.values()) stop.abort(new Error('the server is stopping'))
      await Promise.all([...held.values()].map(({ ended }) => ended))
    },
  }
}

function failed(error: unknown, retryAt: number): Report {
  return error instanceof OtherKeyError
    ? { state: 'needs_you', problem: 'secrets_lost' }
    : { state: 'retrying', problem: 'internal', retryAt }
}
