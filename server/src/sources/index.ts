import type { Database } from '@creatorflow/db/database'
import { createSealer } from '../access/seal.ts'
import type { Config } from '../config.ts'
import type { Feature } from '../http/feature.ts'
import { every } from '../jobs/every.ts'
import type { Log } from '../log.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { Telemetry } from '../telemetry.ts'
import { createDeadLetters } from './dead-letters.ts'
import { createInbox, forgetDeliveries, type Inbox } from './inbox.ts'
import { createRunner } from './runner.ts'
import { createShopifySource } from './shopify/run.ts'
import type { SourceKind } from './source.ts'
import { createTikTokLive } from './tiktok-live/index.ts'

export interface SourcesDeps {
  readonly database: Database
  readonly pipeline: Pipeline
  readonly config: Config
  readonly log: Log
  readonly telemetry: Telemetry
}

/** What a kind of source is made with. */
export interface SourceKindDeps extends SourcesDeps {
  readonly inbox: Inbox
  readonly sealer: ReturnType<typeof createSealer>
}

/** Makes each kind of source there is. */
const makers: readonly ((deps: SourceKindDeps) => SourceKind)[] = [
  createTikTokLive,
  createShopifySource,
]

const FORGET_INTERVAL_MS = 3_600_000

/** The connections of this node, with the doors of those that are pushed. */
export function createSources(
  deps: SourcesDeps,
): AsyncDisposable & { readonly doors: readonly Feature[] } {
  const { database, config, log, telemetry } = deps
  const sealer = createSealer(config)
  const inbox = createInbox(database, config)
  const deadLetters = createDeadLetters({ database, telemetry })
  const kinds = makers.map((make) => make({ ...deps, inbox, sealer }))
  const runner = createRunner({ ...deps, deadLetters, inbox, sealer, kinds })
  const forgetting = every(
    {
      intervalMs: FORGET_INTERVAL_MS,
      failed: (error) => log.warn({ err: error }, 'old deliveries were not forgotten'),
    },
    () => forgetDeliveries(database, config.deliveriesKeptDays),
  )
  return {
    doors: kinds.flatMap(({ door }) => door ?? []),
    async [Symbol.asyncDispose]() {
      await forgetting[Symbol.asyncDispose]()
      await runner[Symbol.asyncDispose]()
    },
  }
}
