import { once } from 'node:events'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Database } from '@creatorflow/db/database'
import { type Backend, openTestDatabase } from '@creatorflow/db/testing'
import type { IngestAccount } from '@creatorflow/shared/ingest-account'
import { createApp } from '../src/app.ts'
import type { Bus } from '../src/bus/bus.ts'
import { loadConfig } from '../src/config.ts'
import { type Log, silentLog } from '../src/core/log.ts'
import { createApiKey } from '../src/identity/access/api-keys.ts'
import { insertCreator } from '../src/identity/creators/creators.ts'
import type { SourceDefinition } from '../src/sources/runtime/definition.ts'
import { openApps } from './open-apps.ts'
import { newUser } from './people.ts'

export interface AppOptions {
  /** One of `editions()`; embedded by default. An open database is used unchanged and stays open. */
  readonly database?: Backend | Database
  readonly bus?: Bus
  readonly redisUrl?: string
  readonly env?: Readonly<Record<string, string>>
  readonly log?: Log
  /** Kinds of sources, instead of the real ones. */
  readonly sources?: readonly SourceDefinition[]
  /** Puts something between the app and its database, such as a fault. */
  readonly wrap?: (database: Database) => Database
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads is checked by its expectations.
  readonly json: any
}

export interface PostOptions {
  readonly key?: string
  readonly type?: string
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface CreatorOptions {
  readonly currency?: string
  readonly timeZone?: string
}

export interface TestCreator {
  readonly id: string
  /** May send and read only this creator's events. */
  readonly key: string
}

export interface TestApp extends AsyncDisposable {
  readonly port: number
  readonly url: string
  readonly database: Database
  /** May send and read events of every creator. */
  readonly masterKey: string
  /** What the owner's browser sends; a local owner exists only with embedded databases. */
  readonly owner: { readonly cookie: string; readonly 'content-type': string }
  /** Every mounted route. */
  readonly routes: readonly string[]
  /** A creator for one test. */
  newCreator(options?: CreatorOptions): Promise<TestCreator>
  /** Sends events as JSON; text or bytes are sent unchanged. */
  post(body: unknown, options?: PostOptions): Promise<Reply>
  get(path: string, options?: PostOptions): Promise<Reply>
}

let creators = 0

/** The whole server on a free port, on its own migrated database. */
export async function startApp(options: AppOptions = {}): Promise<TestApp> {
  await using opened = new AsyncDisposableStack()
  const given = options.database ?? { name: 'embedded' }
  const own = 'query' in given ? given : opened.use(await openTestDatabase(given))
  const env = {
    NODE_ENV: 'test',
    PORT: '0',
    DATA_DIR: '/nowhere',
    SECRET_KEY: Buffer.alloc(32, 1).toString('base64'),
    REDIS_URL: options.redisUrl,
    ...options.env,
  }
  const config = loadConfig(env, options.sources)
  const server = opened.use(
    await createApp(config, options.log ?? silentLog(), {
      database: options.wrap?.(own) ?? own,
      ...(options.bus && { bus: options.bus }),
      ...(options.sources && { sources: options.sources }),
    }),
  )
  const port = Number(new URL(server.url).port)
  const { key: masterKey } = await createApiKey(own, {
    name: 'test',
    creatorId: null,
    scopes: ['ingest:write', 'read'],
  })
  const { cookie } = await newUser(own, { roles: [{ creatorId: null, role: 'owner' }] })
  const resources = opened.move()
  const app: TestApp = {
    port,
    url: `http://127.0.0.1:${port}`,
    database: own,
    routes: server.routes,
    masterKey,
    owner: { cookie, 'content-type': 'application/json' },
    newCreator: (of) => newCreator(own, of),
    post: (body, of = {}) => post(port, body, { key: masterKey, ...of }),
    get: (path, { key = masterKey, headers } = {}) =>
      ask(port, 'GET', path, { authorization: `Bearer ${key}`, ...headers }),
    async [Symbol.asyncDispose]() {
      openApps.delete(app)
      await resources.disposeAsync()
    },
  }
  openApps.add(app)
  return app
}

/** Sends a body to the ingest endpoint of any server on this machine. */
export function post(
  port: number,
  body: unknown,
  { key, type = 'application/json', query = '', headers }: PostOptions,
): Promise<Reply> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array
  return ask(
    port,
    'POST',
    `/api/v1/events${query}`,
    {
      'content-type': type,
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...headers,
    },
    isRaw ? body : JSON.stringify(body),
  )
}

/** What must hold for every account: nothing sent is missing in it. */
export function sentOf(account: IngestAccount): number {
  const { accepted, duplicates, superseded, rejected } = account
  return accepted + duplicates + superseded + rejected.length
}

/** One request on its own connection, with exactly these headers. */
export async function ask(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string | Uint8Array,
): Promise<Reply> {
  const request = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false })
  request.end(body)
  const [response] = await once(request, 'response')
  // A server may cut off a sender after answering it.
  request.on('error', () => {})
  const text = (await buffer(response)).toString()
  const isJson = String(response.headers['content-type']).includes('json')
  return {
    status: response.statusCode,
    headers: response.headers,
    text,
    get json() {
      return isJson && text !== '' ? JSON.parse(text) : undefined
    },
  }
}

async function newCreator(
  database: Database,
  { currency = 'USD', timeZone = 'UTC' }: CreatorOptions = {},
): Promise<TestCreator> {
  const id = `creator-${++creators}`
  await database.transaction((tx) =>
    insertCreator(tx, {
      id,
      name: id,
      time_zone: timeZone,
      currency,
      locale: 'en',
      kind: 'real',
    }),
  )
  const scopes = ['ingest:write', 'read'] as const
  const { key } = await createApiKey(database, { name: id, creatorId: id, scopes })
  return { id, key }
}
