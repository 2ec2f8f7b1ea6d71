import { every } from '../core/every.ts'
import { createSealer } from '../core/seal.ts'
import { createDeadLetters } from '../dead-letters/dead-letters.ts'
import type { SourceConfig } from './config.ts'
import { createInbox } from './runtime/inbox.ts'
import type { SourceKindDeps, SourcesDeps } from './runtime/kind-deps.ts'
import { measureSources } from './runtime/measure.ts'
import { createRunner } from './runtime/runner.ts'
import type { SourceKind } from './runtime/source.ts'
import { createShopifySource } from './shopify/run.ts'
import { createTikTokLive } from './tiktok-live/index.ts'
import { createTikTokShop } from './tiktok-shop/index.ts'

/** Makes each kind of source there is. */
const makers: readonly ((deps: SourceKindDeps<SourceConfig>) => SourceKind)[] = [
  createTikTokLive,
  createTikTokShop,
  createShopifySource,
]

const MEASURE_INTERVAL_MS = 5_000

/** The connections of this node, with the doors of those that are pushed and what was set aside. */
export function createSources(
  deps: SourcesDeps<SourceConfig>,
): AsyncDisposable & { readonly kinds: readonly SourceKind[] } {
  const { database, config, log, telemetry } = deps
  const sealer = createSealer(config)
  const inbox = createInbox(database, config)
  const deadLetters = createDeadLetters(deps)
  const kinds = makers.map((make) => make({ ...deps, inbox, sealer }))
  const runner = createRunner({ ...deps, deadLetters, inbox, sealer, kinds })
  const measuring = every(
    {
      intervalMs: MEASURE_INTERVAL_MS,
      atOnce: true,
      failed: (error) => log.warn({ err: error }, 'sources could not be measured'),
    },
    () => measureSources(database, telemetry),
  )
  return {
    kinds,
    async [Symbol.asyncDispose]() {
      await measuring[Symbol.asyncDispose]()
      await runner[Symbol.asyncDispose]()
    },
  }
}
