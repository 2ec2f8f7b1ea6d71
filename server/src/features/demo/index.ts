import type { Database } from '@creatorflow/db/database'
import type { Bus } from '../../bus/bus.ts'
import type { Log } from '../../core/log.ts'
import type { Feature } from '../../http/feature.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import { createDemoPlayer } from './player.ts'
import { mountDemo } from './route.ts'

/** A LIVE to try before there is a real one: simulated, through the same pipeline as everything. */
export function createDemoFeature(deps: {
  readonly database: Database
  readonly bus: Bus
  readonly pipeline: Pipeline
  readonly log: Log
}): Feature & AsyncDisposable {
  const player = createDemoPlayer(deps.pipeline, deps.log)
  return {
    name: 'demo',
    mount: (routes) => mountDemo(routes, deps, player),
    [Symbol.asyncDispose]: () => player.stop(),
  }
}
