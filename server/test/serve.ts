import { once } from 'node:events'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import type { Database } from '@creatorflow/db/database'
import type { Bus } from '../src/bus/bus.ts'
import { createInProcessBus } from '../src/bus/in-process.ts'
import { loadConfig } from '../src/config.ts'
import type { Config } from '../src/core/config/config.ts'
import type { ConfigOf } from '../src/core/config/variable.ts'
import { type Log, silentLog } from '../src/core/log.ts'
import type { Readiness } from '../src/core/readiness.ts'
import { createTelemetry, type Telemetry } from '../src/core/telemetry.ts'
import { createCreatorsFeature } from '../src/features/creators/index.ts'
import type { logoVariables } from '../src/features/creators/logo.ts'
import type { Feature } from '../src/http/feature.ts'
import { createHttpApp, createHttpServer } from '../src/http/http-app.ts'
import { type Access, createAccess } from '../src/identity/access/access.ts'
import { createAccountFeatures } from '../src/identity/accounts.ts'

export interface ServeOptions {
  readonly database: Database
  readonly env?: Readonly<Record<string, string>>
  readonly features?: readonly Feature[]
  readonly readiness?: () => Promise<Readiness>
  readonly clientFolder?: string
  readonly log?: Log
  /** Another node's, so that two may be told the same. */
  readonly bus?: Bus
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The body as JSON; `any`, since a test looks at it with matchers. */
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads is checked by its expectations.
  readonly json: any
}

export interface Ask {
  readonly headers?: Readonly<Record<string, string>>
  /** Text is sent as it is, anything else as JSON. */
  readonly body?: unknown
}

export interface Served extends AsyncDisposable {
  readonly port: number
  readonly access: Access
  readonly config: Config
  readonly telemetry: Telemetry
  /** Sends exactly these headers: `fetch` would not let a test choose `Host`. */
  ask(method: string, path: string, options?: Ask): Promise<Reply>
}

/** The HTTP side of the server on a free port; the socket is on loopback whatever `HOST` says. */
export async function serve(options: ServeOptions): Promise<Served> {
  const { database } = options
  const log = options.log ?? silentLog()
  const telemetry = createTelemetry()
  const config = loadConfig({
    NODE_ENV: 'test',
    // Else the first sign-in would make a key file in the working folder.
    SECRET_KEY: Buffer.alloc(32, 1).toString('base64'),
    ...options.env,
  })
  const bus = options.bus ?? createInProcessBus({ log, telemetry })
  const access = await createAccess({ database, bus, config, log })
  const app = createHttpApp({
    config,
    log,
    telemetry,
    access,
    quotas: { spendRequest: async () => {} },
    features: [
      ...createAccountFeatures({ database, access, config, log }),
      createCreatorsFeature({
        database,
        bus,
        access,
        // Safe: the configuration is read with the variables of every feature.
        config: config as typeof config & ConfigOf<typeof logoVariables>,
      }),
      ...(options.features ?? []),
    ],
    readiness: options.readiness ?? (async () => ({ ok: true, parts: {} })),
    ...(options.clientFolder !== undefined && { clientFolder: options.clientFolder }),
  })
  const server = createHttpServer(app, config).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const { port } = address

  return {
    port,
    access,
    config,
    telemetry,
    ask: (method, path, ask) => send(port, method, path, ask),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      await access[Symbol.asyncDispose]()
      if (!options.bus) await bus[Symbol.asyncDispose]()
    },
  }
}

async function send(port: number, method: string, path: string, ask: Ask = {}): Promise<Reply> {
  const isText = typeof ask.body === 'string'
  const body = ask.body === undefined || isText ? ask.body : JSON.stringify(ask.body)
  const headers = {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...ask.headers,
  }
  const request = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false })
  request.end(body)
  const [response] = await once(request, 'response')
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  const isJson = String(response.headers['content-type']).startsWith('application/json')
  return {
    status: response.statusCode,
    headers: response.headers,
    text,
    json: isJson && text !== '' ? JSON.parse(text) : undefined,
  }
}
