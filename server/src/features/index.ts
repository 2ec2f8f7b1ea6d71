import type { Variables } from '../core/config/variable.ts'
import { alertsVariables } from './alerts/config.ts'
import { createAlertsFeature } from './alerts/index.ts'
import { createBaselineFeature } from './baseline/index.ts'
import { createCreatorsFeature } from './creators/index.ts'
import { logoVariables } from './creators/logo.ts'
import { createCrowdFeature } from './crowd/index.ts'
import { createDeadLettersFeature } from './dead-letters/index.ts'
import { createDemoFeature } from './demo/index.ts'
import {
  type FeatureDeps,
  type FeatureEntry,
  type PipelineFeatureDeps,
  withVariables,
} from './entry.ts'
import { createGoalsFeature } from './goals/index.ts'
import { createHistoryFeature } from './history/index.ts'
import { createImportFeature } from './import/index.ts'
import { createIngestFeature } from './ingest/index.ts'
import { createLivesFeature } from './lives/index.ts'
import { createNotificationsFeature } from './notifications/index.ts'
import { notificationVariables } from './notifications/settings.ts'
import { createOverviewFeature } from './overview/index.ts'
import { createPeopleFeature } from './people/index.ts'
import { createQueryFeature } from './query/index.ts'
import { createReplayFeature } from './replay/index.ts'
import { createSourcesFeature, sourcesFeatureVariables } from './sources/index.ts'
import { createSummaryFeature } from './summary/index.ts'
import { createUsageFeature } from './usage/index.ts'

/** Features of every process: with the role `gateway` their routes, with `jobs` their jobs and watches. */
export const gatewayFeatures: readonly FeatureEntry<FeatureDeps>[] = [
  withVariables(alertsVariables, createAlertsFeature),
  { create: createBaselineFeature },
  withVariables(logoVariables, createCreatorsFeature),
  { create: createCrowdFeature },
  { create: createGoalsFeature },
  { create: createHistoryFeature },
  { create: createImportFeature },
  { create: createLivesFeature },
  withVariables(notificationVariables, createNotificationsFeature),
  { create: createOverviewFeature },
  { create: createPeopleFeature },
  { create: createQueryFeature },
  { create: createReplayFeature },
  withVariables(sourcesFeatureVariables, createSourcesFeature),
  { create: createSummaryFeature },
  { create: createUsageFeature },
]

/**
 * Features of a process with the role `pipeline`: only routes, since background work must not depend on that
 * role.
 */
export const pipelineFeatures: readonly FeatureEntry<PipelineFeatureDeps>[] = [
  { create: createIngestFeature },
  { create: createDemoFeature },
  { create: createDeadLettersFeature },
]

/** The variables of all features, by name. Throws if two features share one. */
export function featureVariables(): Variables {
  const all: Record<string, Variables[string]> = {}
  for (const { variables = {} } of [...gatewayFeatures, ...pipelineFeatures]) {
    for (const [name, variable] of Object.entries(variables)) {
      if (all[name]) throw new Error(`two features have the variable ${name}`)
      all[name] = variable
    }
  }
  return all
}
