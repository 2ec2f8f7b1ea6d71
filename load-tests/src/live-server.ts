import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BenchDatabase, createBenchDatabase } from './bench-database.ts'
import type { BenchContext } from './scenario.ts'
import { type Owner, type ServerProcess, startServer } from './server-process.ts'

/** A server with its own database and folder; both go on dispose. */
export interface LiveServer extends AsyncDisposable {
  readonly server: ServerProcess
  /** Undefined if embedded. */
  readonly database: BenchDatabase | undefined
  /** Ends the process and starts another one on the same database. */
  restart(): Promise<ServerProcess>
}

/** Starts a server with the given services; `purpose` names its database. */
export async function startLiveServer(
  { services, profile, say }: Pick<BenchContext, 'services' | 'profile' | 'say'>,
  purpose: string,
): Promise<LiveServer> {
  await using opened = new AsyncDisposableStack()
  const dataDir = mkdtempSync(join(tmpdir(), 'creatorflow-bench-'))
  const remove = () => rmSync(dataDir, { recursive: true, force: true })
  // Also when the run is aborted.
  process.once('exit', remove)
  opened.defer(remove)
  const { databaseUrl, redisUrl } = services
  const database = databaseUrl
    ? opened.use(await createBenchDatabase(databaseUrl, purpose))
    : undefined
  const start = (owner?: Owner) =>
    startServer({ dataDir, databaseUrl: database?.url, redisUrl, profile, owner })
  let server = await start()
  opened.defer(() => server[Symbol.asyncDispose]())
  say(`server on ${server.description}`)
  const resources = opened.move()
  return {
    database,
    get server() {
      return server
    },
    async restart() {
      await server[Symbol.asyncDispose]()
      server = await start(server.owner)
      return server
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}
