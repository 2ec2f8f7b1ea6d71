import { every } from '../../core/every.ts'
import { createSealer } from '../../core/seal.ts'
import { createDeadLetters } from '../../dead-letters/dead-letters.ts'
import type { Feature } from '../../http/feature.ts'
import { createInbox } from './inbox.ts'
import type { SourcesDeps } from './kind-deps.ts'
import { measureSources } from './measure.ts'
import { createReceiver } from './receiver.ts'
import type { SourceKinds } from './registry.ts'
import { createRunner } from './runner.ts'
import type { SourceKind } from './source.ts'

export interface Sources extends AsyncDisposable {
  readonly kinds: readonly SourceKind[]
  /** The receiver of deliveries. */
  readonly receiver: Feature
}

const MEASURE_INTERVAL_MS = 5_000

/** The connections of this node, with the receiver for pushed ones. */
export function createSources(deps: SourcesDeps & { readonly sourceKinds: SourceKinds }): Sources {
  const { database, config, log, telemetry, sourceKinds } = deps
  const sealer = createSealer(config)
  const inbox = createInbox(database, config)
  const deadLetters = createDeadLetters(deps)
  // Its own settings are in it: the configuration was loaded with the same kinds.
  const ofKinds = { ...deps, config: { ...config }, inbox, sealer }
  const kinds = [...sourceKinds.values()].map((definition) => definition.create(ofKinds))
  const runner = createRunner({ ...deps, deadLetters, inbox, sealer, kinds })
  const measuring = every(
    {
      intervalMs: MEASURE_INTERVAL_MS,
      atOnce: true,
      failed: (error) => log.warn({ err: error }, 'failed to measure sources'),
    },
    () => measureSources(database, telemetry, [...sourceKinds.keys()]),
  )
  return {
    kinds,
    receiver: createReceiver({ ...deps, inbox, sealer }),
    async [Symbol.asyncDispose]() {
      await measuring[Symbol.asyncDispose]()
      await runner[Symbol.asyncDispose]()
    },
  }
}
