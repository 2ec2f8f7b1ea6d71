import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import type { Database } from '@creatorflow/db/database'
import { migrate } from '@creatorflow/db/migrate'
import { openDatabase } from '@creatorflow/db/open'
import type { Bus } from './bus/bus.ts'
import { createInProcessBus } from './bus/in-process.ts'
import { createRedisBus } from './bus/redis.ts'
import type { ServerConfig } from './config.ts'
import { type Config, isElsewhere } from './core/config/config.ts'
import { forgetLeases } from './core/lease.ts'
import type { Log } from './core/log.ts'
import type { Readiness } from './core/readiness.ts'
import { createSealer } from './core/seal.ts'
import { createTelemetry } from './core/telemetry.ts'
import { readInstallation, renewIdentityOfCopy } from './eventlog/database-identity.ts'
import { createFoldedLives } from './eventlog/folded-lives.ts'
import { createBaselineFeature } from './features/baseline/index.ts'
import { createCreatorsFeature } from './features/creators/index.ts'
import { createCrowdFeature } from './features/crowd/index.ts'
import { createDeadLettersFeature } from './features/dead-letters/routes.ts'
import { createDemoFeature } from './features/demo/index.ts'
import { createGoalsFeature } from './features/goals/index.ts'
import { createHistoryFeature } from './features/history/index.ts'
import { createImportFeature } from './features/import/index.ts'
import { createIngest } from './features/ingest/route.ts'
import { createOverviewFeature } from './features/overview/index.ts'
import { createPeopleFeature } from './features/people/index.ts'
import { createReplayFeature } from './features/replay/index.ts'
import { createSummaryFeature } from './features/summary/index.ts'
import { createUsageFeature } from './features/usage/index.ts'
import { closeHttp } from './http/close-http.ts'
import type { Feature } from './http/feature.ts'
import { createHttpApp, createHttpServer, routesOf } from './http/http-app.ts'
import { readinessOf } from './http/readiness.ts'
import { createAccess } from './identity/access/access.ts'
import { openAttemptsRedis } from './identity/access/attempts.ts'
import { bootstrapKey } from './identity/access/bootstrap.ts'
import { mintOwnerLink } from './identity/access/owner-link.ts'
import { resealSecrets } from './identity/access/reseal.ts'
import { hasOwner } from './identity/access/users.ts'
import { createAccountFeatures } from './identity/accounts.ts'
import { createCheckpoints } from './jobs/checkpoints.ts'
import { applyColumnstore } from './jobs/columnstore.ts'
import { createForgetPeople } from './jobs/forget-people.ts'
import { createHistoryRefresh } from './jobs/refresh-history.ts'
import { createResettle } from './jobs/resettle.ts'
import { createRetention } from './jobs/retention.ts'
import { createTailTrim } from './jobs/trim-tail.ts'
import { createFollowers } from './live/followers.ts'
import { createGateway } from './live/gateway.ts'
import { createLiveFeature } from './live/route.ts'
import type { SourceFeedOf } from './live/source-feed.ts'
import { createDiskGuard } from './pipeline/disk-guard.ts'
import { createPipeline } from './pipeline/pipeline.ts'
import { countNoted } from './pipeline/recount-notes.ts'
import { createQuotas } from './quotas/quotas.ts'
import { createUsageCounts } from './quotas/usage-counts.ts'
import { createSources } from './sources/index.ts'
import { createSourcesFeature } from './sources/routes.ts'
import { createSourceFeed } from './sources/runtime/source-feed.ts'

export interface App extends AsyncDisposable {
  /** Where it answers, such as `http://localhost:3000`. */
  readonly url: string
  readonly database: Database
  /** Makes whoever opens it the first owner; null when there is one, or when none is needed. */
  readonly ownerLink: string | null
  /** Every route that is mounted, such as `GET /api/v1/me`. */
  readonly routes: readonly string[]
}

/** Adapters that are open already, instead of those that the configuration names. */
export interface Components {
  readonly database?: Database
  readonly bus?: Bus
}

/**
 * Opens the adapters that the configuration names and puts everything together; the only file that knows
 * them all. It closes what it opened: components that are given stay open.
 */
export async function createApp(
  config: ServerConfig,
  log: Log,
  components: Components = {},
): Promise<App> {
  await using opened = new AsyncDisposableStack()
  const telemetry = createTelemetry({ process: true })
  const database =
    components.database ??
    opened.use(
      await openDatabase({
        ...(config.databaseUrl !== undefined && { databaseUrl: config.databaseUrl }),
        dataDir: config.dataDir,
        embeddedTimeoutMs: config.embeddedTimeoutMs,
      }),
    )
  const ownsFiles = components.database === undefined && config.databaseUrl === undefined
  const disk = ownsFiles ? createDiskGuard({ config, log }) : undefined
  await migrate(database, { log: (line) => log.info(line) })
  await renewIdentityOfCopy(database, { dataDir: config.dataDir, log })
  const installation = `creatorflow:${await readInstallation(database)}`
  if (ownsFiles) await forgetLeases(database)
  const bus =
    components.bus ??
    opened.use(
      config.redisUrl === undefined
        ? createInProcessBus({ log, telemetry })
        : createRedisBus({ url: config.redisUrl, prefix: installation, log, telemetry }),
    )
  log.info(`database: ${database.description}; bus: ${bus.description}`)
  if (config.databaseUrl !== undefined && config.redisUrl === undefined) {
    log.warn(
      'REDIS_URL is not set: run one server process on this database. Without Redis, others learn of revoked access up to a minute late.',
    )
  }
  if (config.bootstrapCreator) {
    await bootstrapKey(database, { creator: config.bootstrapCreator, key: config.bootstrapApiKey })
  }
  const access = opened.use(await createAccess({ database, bus, config, log }))
  const usage = opened.use(createUsageCounts({ database, log }))
  const quotas = createQuotas(config, usage)
  const has = (role: Config['roles'][number]) => config.roles.includes(role)
  const followers = opened.use(createFollowers({ database, bus, config, log, telemetry }))
  const features: Feature[] = []
  let stopWaiting = () => {}
  if (has('pipeline')) {
    const pipeline = opened.use(createPipeline({ database, bus, config, disk, log, telemetry }))
    stopWaiting = pipeline.stopWaiting
    features.push(createIngest({ access, pipeline, limits: config, quotas }))
    features.push(opened.use(createDemoFeature({ database, bus, pipeline, log })))
    const sources = opened.use(createSources({ database, bus, pipeline, config, log, telemetry }))
    features.push(...sources.kinds.flatMap(({ door }) => door ?? []))
    features.push(createDeadLettersFeature({ database, pipeline, config, kinds: sources.kinds }))
  }
  if (has('gateway')) {
    const redisUrl = config.redisUrl
    const foldedLives = createFoldedLives(database, config)
    const attempts =
      redisUrl === undefined ? {} : opened.use(openAttemptsRedis(redisUrl, installation))
    features.push(
      ...createAccountFeatures({ database, access, config, log, ...attempts }),
      createCreatorsFeature({ database, bus }),
      createLiveFeature({ database, followers, foldedLives }),
      createHistoryFeature({ database }),
      createBaselineFeature({ database }),
      createImportFeature({ database }),
      createOverviewFeature({ database }),
      createSummaryFeature({ database, followers, foldedLives }),
      createReplayFeature({ database }),
      createUsageFeature({ database, config }),
      createSourcesFeature({ database, bus, config }),
      createPeopleFeature({ database, bus }),
      createCrowdFeature({ database }),
      createGoalsFeature({ database }),
    )
  }
  const httpApp = createHttpApp({
    config,
    log,
    telemetry,
    access,
    quotas,
    features,
    readiness: () => readinessOf(database, bus, disk, () => recountsOf(database)),
    ...(has('gateway') && { clientFolder: resolve(import.meta.dirname, '../../client/build') }),
  })
  const http = createHttpServer(httpApp, config)
  const closing = closeHttp(http)
  // Before the gateway, so that it ends after it: an open socket would hold the server open.
  opened.defer(() => closing.finish(config.shutdownTimeoutMs))
  if (has('gateway')) {
    const openSourceFeed = (of: SourceFeedOf) => createSourceFeed({ database, log, ...of })
    const live = { followers, access, quotas, openSourceFeed }
    opened.use(createGateway(http, { ...live, config, log, telemetry }))
  }
  // Whoever writes the tail also ends it: it must not grow where nobody has the other jobs.
  if (has('pipeline') || has('jobs')) opened.use(createTailTrim({ database, config, log }))
  if (has('jobs')) {
    opened.use(createCheckpoints({ database, config, log }))
    opened.use(createHistoryRefresh({ database, log }))
    opened.use(createForgetPeople({ database, config, log }))
    opened.use(createResettle({ database, bus, config, log, telemetry }))
    await applyColumnstore(database, config, log)
    opened.use(createRetention({ database, bus, config, log }))
  }
  await resealSecrets(database, createSealer(config), log)
  const needsOwner = has('gateway') && !access.hasLocalOwner && !(await hasOwner(database))
  // Of the address only the port is still unknown.
  const ownerPath = needsOwner ? await mintOwnerLink(database, '') : null
  // The last thing that takes time: who is told that it is up finds it no sooner and no later.
  await new Promise<void>((done, failed) => {
    http.once('error', (error) => failed(listenFailure(error, config)))
    // All screens of a restarted server come back at once: the usual backlog of 511 turns some away.
    http.listen({ port: config.port, host: config.host, backlog: 4_096 }, done)
  })
  const { port } = http.address() as AddressInfo
  const url = config.publicUrl ?? `http://${shownHost(config.host)}:${port}`
  if (!access.hasLocalOwner && !url.startsWith('https:')) {
    log.warn(
      'passwords and sign-ins go over plain http: enough at home, else set PUBLIC_URL to https',
    )
  }
  if (isElsewhere(config.publicUrl) && config.trustedProxyHops === 0) {
    log.info(
      'TRUSTED_PROXY_HOPS is 0: forwarding headers are ignored, every caller counts by the address that connects',
    )
  }
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

/** Named only while something is wrong with it. */
async function recountsOf(database: Database): Promise<Readiness['parts']> {
  const counts = await countNoted(database).catch(() => undefined)
  const creators = (counts?.too_large ?? 0) + (counts?.failed ?? 0)
  if (creators === 0) return {}
  const of = creators === 1 ? '1 creator' : `${creators} creators`
  return {
    recounts: { ok: false, detail: `Late events of ${of} cannot be recounted: see the log` },
  }
}

function shownHost(host: string): string {
  if (['127.0.0.1', '::1', '0.0.0.0', '::'].includes(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

/** Why nothing can listen there, and what to set. */
function listenFailure(error: NodeJS.ErrnoException, { host, port }: Config): Error {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} is in use by another program. Stop it, or set PORT to another port.`,
    EACCES: `Port ${port} needs more rights than this user has. Set PORT to 1024 or above.`,
    EADDRNOTAVAIL: `HOST ${host} is not an address of this machine. Set HOST to 127.0.0.1, or 0.0.0.0 for all.`,
    ENOTFOUND: `HOST ${host} is not known. Set HOST to 127.0.0.1, or 0.0.0.0 for all.`,
  }
  const reason = reasons[error.code ?? '']
  return reason === undefined ? error : new Error(reason, { cause: error })
}
