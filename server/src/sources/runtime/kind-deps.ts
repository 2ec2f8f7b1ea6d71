import type { Database } from '@creatorflow/db/database'
import type { Bus } from '../../bus/bus.ts'
import type { Config } from '../../core/config/config.ts'
import type { Log } from '../../core/log.ts'
import type { createSealer } from '../../core/seal.ts'
import type { Telemetry } from '../../core/telemetry.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { Inbox } from './inbox.ts'

/** What sources are created with; `C` is the configuration of their kinds. */
export interface SourcesDeps<C = unknown> {
  readonly database: Database
  readonly bus: Bus
  readonly pipeline: Pipeline
  readonly config: Config & C
  readonly log: Log
  readonly telemetry: Telemetry
}

/** What a kind of source is created with. */
export interface SourceKindDeps<C = unknown> extends SourcesDeps<C> {
  readonly inbox: Inbox
  readonly sealer: ReturnType<typeof createSealer>
}
