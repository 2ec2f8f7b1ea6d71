import type { Database } from '@creatorflow/db/database'
import type { Baselines } from '../baseline/baselines.ts'
import type { Bus } from '../bus/bus.ts'
import type { Config } from '../core/config/config.ts'
import type { ConfigOf, Variables } from '../core/config/variable.ts'
import type { Log } from '../core/log.ts'
import type { Telemetry } from '../core/telemetry.ts'
import type { FoldedLives } from '../eventlog/folded-lives.ts'
import type { Feature } from '../http/feature.ts'
import type { Access } from '../identity/access/access.ts'
import type { Followers } from '../live/followers.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { Quotas } from '../quotas/quotas.ts'
import type { SourceKinds } from '../sources/runtime/registry.ts'
import type { SourceKind } from '../sources/runtime/source.ts'

/** What a feature may use. */
export interface FeatureDeps {
  readonly database: Database
  readonly bus: Bus
  readonly config: Config
  readonly log: Log
  readonly telemetry: Telemetry
  readonly access: Access
  readonly quotas: Quotas
  readonly followers: Followers
  readonly foldedLives: FoldedLives
  readonly baselines: Baselines
  readonly sourceKinds: SourceKinds
}

/** What a feature that brings events may use as well. */
export interface PipelineFeatureDeps extends FeatureDeps {
  readonly pipeline: Pipeline
  readonly kinds: readonly SourceKind[]
}

/** A feature of the list. */
export interface FeatureEntry<Deps> {
  /** Its own environment variables. */
  readonly variables?: Variables
  readonly create: (deps: Deps) => Feature
}

/** A feature that also reads its own variables from the configuration. */
export function withVariables<const V extends Variables, Deps extends FeatureDeps = FeatureDeps>(
  variables: V,
  create: (deps: Deps & { readonly config: ConfigOf<V> }) => Feature,
): FeatureEntry<Deps> {
  return {
    variables,
    // Safe: the configuration is read with the variables of every entry.
    create: (deps) => create(deps as Deps & { readonly config: ConfigOf<V> }),
  }
}
