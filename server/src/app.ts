import { resolve } from 'node:path'
import type { Database } from '@creatorflow/db/database'
import { type Components, openAdapters } from './adapters.ts'
import { createBaselines } from './baseline/baselines.ts'
import type { ServerConfig } from './config.ts'
import type { Config } from './core/config/config.ts'
import type { Log } from './core/log.ts'
import { createSealer } from './core/seal.ts'
import { createTelemetry } from './core/telemetry.ts'
import { createFoldedLives } from './eventlog/folded-lives.ts'
import { gatewayFeatures, pipelineFeatures } from './features/index.ts'
import { createJobsFeature } from './features/jobs/index.ts'
import { closeHttp } from './http/close-http.ts'
import type { Feature, Screens } from './http/feature.ts'
import { createHttpApp, createHttpServer, routesOf } from './http/http-app.ts'
import { readinessOf } from './http/readiness.ts'
import { createAccess } from './identity/access/access.ts'
import { openAttemptsRedis } from './identity/access/attempts.ts'
import { bootstrapKey } from './identity/access/bootstrap.ts'
import { mintOwnerLink } from './identity/access/owner-link.ts'
import { resealSecrets } from './identity/access/reseal.ts'
import { hasOwner } from './identity/access/users.ts'
import { createAccountFeatures } from './identity/accounts.ts'
import { ownJobs, startJobs } from './jobs/index.ts'
import { listen, noteReach } from './listen.ts'
import { createFollowers } from './live/followers.ts'
import { createGateway } from './live/gateway.ts'
import { createPulse } from './live/pulse.ts'
import { createPipeline } from './pipeline/pipeline.ts'
import { recountsOf } from './pipeline/recount-notes.ts'
import { createQuotas } from './quotas/quotas.ts'
import { createUsageCounts } from './quotas/usage-counts.ts'
import { sourceDefinitions } from './sources/index.ts'
import type { SourceDefinition } from './sources/runtime/definition.ts'
import { sourceKindsOf } from './sources/runtime/registry.ts'
import { createSourceFeed } from './sources/runtime/source-feed.ts'
import { createSources } from './sources/runtime/sources.ts'

export interface App extends AsyncDisposable {
  /** Its address, such as `http://localhost:3000`. */
  readonly url: string
  readonly database: Database
  /** Whoever opens it becomes the first owner; null if there is one, or if none is needed. */
  readonly ownerLink: string | null
  /** Every mounted route, such as `GET /api/v1/me`. */
  readonly routes: readonly string[]
}

export interface AppComponents extends Components {
  /** Kinds of sources, instead of those of `sources/index.ts`; the configuration was loaded with them. */
  readonly sources?: readonly SourceDefinition[]
}

/**
 * Opens the configured adapters and puts everything together. It closes what it opened: given components stay
 * open.
 */
export async function createApp(
  config: ServerConfig,
  log: Log,
  components: AppComponents = {},
): Promise<App> {
  await using opened = new AsyncDisposableStack()
  const telemetry = createTelemetry({ process: true })
  const adapters = opened.use(await openAdapters(config, { log, telemetry }, components))
  const { database, bus, disk, installation } = adapters
  if (config.bootstrapCreator) {
    await bootstrapKey(database, { creator: config.bootstrapCreator, key: config.bootstrapApiKey })
  }
  const has = (role: Config['roles'][number]) => config.roles.includes(role)
  const sourceKinds = sourceKindsOf(components.sources ?? sourceDefinitions)
  const base = { database, bus, config, log, telemetry, sourceKinds }
  const access = opened.use(await createAccess(base))
  const quotas = createQuotas(config, opened.use(createUsageCounts(base)))
  const followers = opened.use(createFollowers(base))
  const pulse = opened.use(createPulse(followers, config))
  const foldedLives = createFoldedLives(database, config)
  const baselines = createBaselines(database)
  const deps = { ...base, access, quotas, followers, foldedLives, baselines }

  const features: Feature[] = []
  let stopWaiting = () => {}
  if (has('pipeline')) {
    const pipeline = opened.use(createPipeline({ ...base, disk }))
    stopWaiting = pipeline.stopWaiting
    const { kinds, receiver } = opened.use(createSources({ ...base, pipeline }))
    features.push(
      receiver,
      ...pipelineFeatures.map(({ create }) => create({ ...deps, pipeline, kinds })),
    )
  }
  const ofGateway = gatewayFeatures.map(({ create }) => create(deps))
  const jobs = [...ownJobs(base), ...ofGateway.flatMap((feature) => feature.jobs ?? [])]
  const watches = ofGateway.flatMap(({ name, watch }) => (watch ? [{ name, watch }] : []))
  const workers = ofGateway.flatMap(({ worker }) => worker ?? [])
  if (has('gateway')) {
    const attempts =
      config.redisUrl === undefined
        ? {}
        : opened.use(openAttemptsRedis(config.redisUrl, installation))
    features.push(...createAccountFeatures({ ...deps, ...attempts }))
    features.push(...ofGateway, createJobsFeature({ database, jobs }))
  }
  for (const feature of features) opened.defer(() => feature[Symbol.asyncDispose]?.())

  const httpApp = createHttpApp({
    ...deps,
    features,
    readiness: () =>
      readinessOf(database, bus, disk, [
        () => recountsOf(database),
        ...ofGateway.flatMap(({ readiness }) => readiness ?? []),
      ]),
    ...(has('gateway') && { clientFolder: resolve(import.meta.dirname, '../../client/build') }),
  })
  const http = createHttpServer(httpApp, config)
  const closing = closeHttp(http)
  // Before the gateway, so it ends after it: an open socket would keep the server open.
  opened.defer(() => closing.finish(config.shutdownTimeoutMs))
  if (has('gateway')) {
    const ofFeatures = ofGateway.flatMap(({ openFeed }) => openFeed ?? [])
    const feeds = [(screens: Screens) => createSourceFeed(base, screens), ...ofFeatures]
    opened.use(createGateway(http, { ...deps, pulse, feeds }))
  }
  opened.use(await startJobs({ ...deps, pulse, jobs, watches, workers }))
  await resealSecrets(database, createSealer(config), log)
  const needsOwner = has('gateway') && !access.hasLocalOwner && !(await hasOwner(database))
  // Only the port of the address is still unknown.
  const ownerPath = needsOwner ? await mintOwnerLink(database, '') : null
  // The last slow step: whoever is told that it is up finds it ready.
  const url = await listen(http, config)
  noteReach(url, config, { log, hasLocalOwner: access.hasLocalOwner })
  const resources = opened.move()
  return {
    url,
    database,
    ownerLink: ownerPath === null ? null : `${url}${ownerPath}`,
    routes: routesOf(httpApp),
    [Symbol.asyncDispose]() {
      closing.begin()
      stopWaiting()
      return resources.disposeAsync()
    },
  }
}
