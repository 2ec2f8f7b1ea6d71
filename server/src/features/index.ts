import type { Database } from '@creatorflow/db/database'
import type { Bus } from '../bus/bus.ts'
import type { Config } from '../core/config/config.ts'
import type { Log } from '../core/log.ts'
import type { FoldedLives } from '../eventlog/folded-lives.ts'
import type { Feature } from '../http/feature.ts'
import type { Access } from '../identity/access/access.ts'
import type { Followers } from '../live/followers.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { Quotas } from '../quotas/quotas.ts'
import type { SourceKind } from '../sources/runtime/source.ts'
import { createBaselineFeature } from './baseline/index.ts'
import { createCreatorsFeature } from './creators/index.ts'
import { createCrowdFeature } from './crowd/index.ts'
import { createDeadLettersFeature } from './dead-letters/index.ts'
import { createDemoFeature } from './demo/index.ts'
import { createGoalsFeature } from './goals/index.ts'
import { createHistoryFeature } from './history/index.ts'
import { createImportFeature } from './import/index.ts'
import { createIngestFeature } from './ingest/index.ts'
import { createLivesFeature } from './lives/index.ts'
import { createOverviewFeature } from './overview/index.ts'
import { createPeopleFeature } from './people/index.ts'
import { createReplayFeature } from './replay/index.ts'
import { createSourcesFeature } from './sources/index.ts'
import { createSummaryFeature } from './summary/index.ts'
import { createUsageFeature } from './usage/index.ts'

/** What a feature may ask for. */
export interface FeatureDeps {
  readonly database: Database
  readonly bus: Bus
  readonly config: Config
  readonly log: Log
  readonly access: Access
  readonly quotas: Quotas
  readonly followers: Followers
  readonly foldedLives: FoldedLives
}

/** What one that brings events may ask for besides. */
export interface PipelineFeatureDeps extends FeatureDeps {
  readonly pipeline: Pipeline
  readonly kinds: readonly SourceKind[]
}

/** Features of a process with the role `gateway`. */
export const gatewayFeatures: readonly ((deps: FeatureDeps) => Feature)[] = [
  createBaselineFeature,
  createCreatorsFeature,
  createCrowdFeature,
  createGoalsFeature,
  createHistoryFeature,
  createImportFeature,
  createLivesFeature,
  createOverviewFeature,
  createPeopleFeature,
  createReplayFeature,
  createSourcesFeature,
  createSummaryFeature,
  createUsageFeature,
]

/** Features of a process with the role `pipeline`. */
export const pipelineFeatures: readonly ((deps: PipelineFeatureDeps) => Feature)[] = [
  createIngestFeature,
  createDemoFeature,
  createDeadLettersFeature,
]
