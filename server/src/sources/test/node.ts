import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { createInProcessBus } from '../../bus/in-process.ts'
import { loadConfig } from '../../config.ts'
import { type Log, silentLog } from '../../core/log.ts'
import { createSealer, type Sealer } from '../../core/seal.ts'
import { createTelemetry } from '../../core/telemetry.ts'
import { createDeadLetters } from '../../dead-letters/dead-letters.ts'
import { insertCreator } from '../../identity/creators/creators.ts'
import { createPipeline, type Pipeline } from '../../pipeline/pipeline.ts'
import { createInbox, type Inbox } from '../runtime/inbox.ts'
import { createRunner } from '../runtime/runner.ts'
import type { SourceContext, SourceKind, SourceRow } from '../runtime/source.ts'

/** One period of holding a connection: the source, what it may do, and how it ends. */
export interface Hold {
  readonly node: string
  readonly source: SourceRow
  readonly context: SourceContext
  readonly signal: AbortSignal
}

/** A kind of source whose service is the test. */
export function createTestKind(kind = 'tiktok_live') {
  const holds: Hold[] = []
  let run: (hold: Hold) => Promise<void> = untilTheEnd
  return {
    holds,
    /** Those that have not ended. */
    held: () => holds.filter(({ signal }) => !signal.aborted),
    runs(next: typeof run) {
      run = next
    },
    of: (node: string): SourceKind => ({
      kind,
      async run(source, context, signal) {
        const hold = { node, source, context, signal }
        holds.push(hold)
        await run(hold)
      },
      replay(_source, { topic, raw }) {
        const text = Buffer.from(raw).toString()
        const body = JSON.parse(text)
        if (topic === 'unknown') throw new Error('still not known')
        return body.events.map((event: unknown) => ({ event, raw: body, topic }))
      },
    }),
  }
}

/** Holds until the signal ends, like a socket that stays open. */
export function untilTheEnd({ context, signal }: Hold): Promise<void> {
  context.report({ state: 'receiving' })
  if (signal.aborted) return Promise.resolve()
  return new Promise((done) => signal.addEventListener('abort', () => done()))
}

export interface TestNode extends AsyncDisposable {
  readonly inbox: Inbox
  readonly pipeline: Pipeline
  readonly sealer: Sealer
}

export interface NodeOptions {
  readonly database: Database
  readonly name: string
  readonly kinds: readonly SourceKind[]
  readonly env?: Readonly<Record<string, string>>
  readonly sealer?: Sealer
  readonly log?: Log
}

/** A process that holds sources, with its own bus: only the database tells it about others. */
export function startNode({ database, kinds, env = {}, log = silentLog(), ...of }: NodeOptions) {
  const config = loadConfig({ NODE_ENV: 'test', SOURCES_INTERVAL_MS: '100', ...env })
  const telemetry = createTelemetry()
  const bus = createInProcessBus({ log, telemetry })
  const pipeline = createPipeline({ database, bus, config, log, telemetry })
  const sealer = of.sealer ?? createSealer({ secretKey: Buffer.alloc(32, 1), dataDir: '/nowhere' })
  const inbox = createInbox(database, config)
  const deadLetters = createDeadLetters({ database, config, telemetry })
  const runner = createRunner(
    { database, bus, pipeline, deadLetters, inbox, sealer, kinds, config, log },
    { leaseTtlMs: 600, againMs: 100 },
  )
  const node: TestNode & { readonly bus: typeof bus } = {
    bus,
    inbox,
    pipeline,
    sealer,
    async [Symbol.asyncDispose]() {
      await runner[Symbol.asyncDispose]()
      await pipeline[Symbol.asyncDispose]()
      await bus[Symbol.asyncDispose]()
    },
  }
  return node
}

let made = 0

/** A source with its own creator. */
export async function newSource(database: Database, kind = 'tiktok_live'): Promise<SourceRow> {
  const creatorId = `seller-${++made}`
  await insertCreator(database, {
    id: creatorId,
    name: creatorId,
    time_zone: 'UTC',
    currency: 'USD',
    locale: 'en',
    kind: 'real',
  })
  const [row] = await database.query<SourceRow>(sql`
    insert into sources (creator_id, kind, account, name)
    values (${creatorId}, ${kind}, ${`account ${made}`}, ${`Source ${made}`})
    returning id::text as id, creator_id, kind, account, name, enabled, settings, version`)
  if (!row) throw new Error('no source was made')
  return row
}
