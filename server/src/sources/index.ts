import type { Database } from '@creatorflow/db/database'
import type { Bus } from '../bus/bus.ts'
import type { Config } from '../core/config/config.ts'
import { every } from '../core/every.ts'
import type { Log } from '../core/log.ts'
import { createSealer } from '../core/seal.ts'
import type { Telemetry } from '../core/telemetry.ts'
import { createDeadLetters, forgetLetters } from '../dead-letters/dead-letters.ts'
import { createDeadLettersFeature } from '../features/dead-letters/routes.ts'
import type { Feature } from '../http/feature.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { createInbox, forgetDeliveries, type Inbox } from './inbox.ts'
import { measureSources } from './measure.ts'
import { createRunner } from './runner.ts'
import { forgetOrders } from './shopify/order-book.ts'
import { createShopifySource } from './shopify/run.ts'
import type { SourceKind } from './source.ts'
import { createTikTokLive } from './tiktok-live/index.ts'
import { createTikTokShop } from './tiktok-shop/index.ts'

export interface SourcesDeps {
  readonly database: Database
  readonly bus: Bus
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
  createTikTokShop,
  createShopifySource,
]

const FORGET_INTERVAL_MS = 3_600_000
const MEASURE_INTERVAL_MS = 5_000

/** The connections of this node, with the doors of those that are pushed and what was set aside. */
export function createSources(
  deps: SourcesDeps,
): AsyncDisposable & { readonly features: readonly Feature[] } {
  const { database, pipeline, config, log, telemetry } = deps
  const sealer = createSealer(config)
  const inbox = createInbox(database, config)
  const deadLetters = createDeadLetters(deps)
  const kinds = makers.map((make) => make({ ...deps, inbox, sealer }))
  const runner = createRunner({ ...deps, deadLetters, inbox, sealer, kinds })
  const forgetting = every(
    {
      intervalMs: FORGET_INTERVAL_MS,
      failed: (error) => log.warn({ err: error }, 'what is old was not forgotten'),
    },
    async () => {
      await forgetDeliveries(database, config.deliveriesKeptDays)
      await forgetOrders(database, config.shopOrdersKeptDays)
      await forgetLetters(database, config.deadLettersKeptDays)
    },
  )
  const measuring = every(
    {
      intervalMs: MEASURE_INTERVAL_MS,
      atOnce: true,
      failed: (error) => log.warn({ err: error }, 'sources could not be measured'),
    },
    () => measureSources(database, telemetry),
  )
  return {
    features: [
      ...kinds.flatMap(({ door }) => door ?? []),
      createDeadLettersFeature({ database, pipeline, config, kinds }),
    ],
    async [Symbol.asyncDispose]() {
      await measuring[Symbol.asyncDispose]()
      await forgetting[Symbol.asyncDispose]()
      await runner[Symbol.asyncDispose]()
    },
  }
}
