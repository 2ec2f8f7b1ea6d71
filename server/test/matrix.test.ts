import { randomUUID } from 'node:crypto'
import { rejectCodes } from '@creatorflow/shared/errors'
import type { Scope } from '@creatorflow/shared/features/access'
import { requestSchemas } from '@creatorflow/shared/socket-requests'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../scripts/test/backends.ts'
import { createApiKey } from '../src/identity/access/api-keys.ts'
import { ask, startApp, type TestApp } from './harness.ts'
import { connect } from './live-client.ts'
import { newUser, signedIn } from './people.ts'

/** Everybody who may knock, as seen from the creator `mine`. */
const callers = [
  'anonymous',
  'viewer',
  'operator',
  'owner',
  'other owner',
  'ingest key',
  'read key',
  'operate key',
  'installation owner',
] as const
type Caller = (typeof callers)[number]

/** What each kind of route answers to each caller: let in, not known, or not allowed. */
const kinds = {
  anyone: { in: callers },
  'signed in': { in: callers.slice(1) },
  person: { in: ['viewer', 'operator', 'owner', 'other owner', 'installation owner'] },
  manager: { in: ['owner', 'other owner', 'installation owner'] },
  installation: { in: ['installation owner'] },
  read: { in: ['viewer', 'operator', 'owner', 'read key', 'installation owner'] },
  send: { in: ['operator', 'owner', 'ingest key', 'installation owner'] },
  operate: { in: ['operator', 'owner', 'operate key', 'installation owner'] },
  manage: { in: ['owner', 'installation owner'] },
  // Of what is named by an id of its own, somebody else's manager is not told that it is there.
  'manage by id': { in: ['owner', 'installation owner'], hidden: ['other owner'] },
} as const satisfies Record<
  string,
  { readonly in: readonly Caller[]; readonly hidden?: readonly Caller[] }
>
type Kind = keyof typeof kinds

interface Row {
  readonly kind: Kind
  /** The path with its parameters filled in, of the creator `mine`. */
  readonly path?: string
  readonly body?: object
  /** Statuses of who is let in that would else mean refused, such as 401 for a wrong password. */
  readonly also?: readonly number[]
}

const nobody = randomUUID()
const range = 'from=2026-10-01T00:00:00Z&to=2026-10-02T00:00:00Z&bucket=1h'
const question = {
  metrics: ['gmv', 'comments'],
  by: ['session'],
  range: { from: '2026-10-01T00:00:00Z', to: '2027-10-02T00:00:00Z' },
}
const row = (kind: Kind, path?: string, body?: object, also?: readonly number[]): Row => ({
  kind,
  ...(path !== undefined && { path }),
  ...(body && { body }),
  ...(also && { also }),
})

/** Every route there is. One that is missing here fails the test, and so does one that is gone. */
const routes: Readonly<Record<string, Row>> = {
  'GET /healthz': row('anyone'),
  'GET /readyz': row('anyone'),
  'GET /metrics': row('anyone'),
  'GET /api/v1/openapi.json': row('anyone'),
  'POST /api/v1/events': row('send', undefined, [{ id: 'x', type: 'like', creator_id: 'mine' }]),

  // Who delivers is known by the signature alone, and nobody has one here.
  'POST /api/v1/webhooks/:kind/:source_id': row(
    'anyone',
    `/api/v1/webhooks/shopify/${nobody}`,
    {},
    [401],
  ),

  'GET /api/v1/sign-in': row('anyone'),
  'POST /api/v1/sign-in': row(
    'anyone',
    undefined,
    { email: 'x@example.com', password: 'wrong' },
    [401],
  ),
  'DELETE /api/v1/sign-in': row('anyone'),
  'POST /api/v1/welcome': row('anyone', undefined, {}),
  'POST /api/v1/password-reset': row('anyone', undefined, { email: 'x@example.com' }),
  'POST /api/v1/password-reset/confirm': row('anyone', undefined, {
    token: 'x',
    password: 'long enough, I say',
  }),
  'POST /api/v1/invitations/look': row('anyone', undefined, { token: 'x' }),
  'POST /api/v1/invitations/accept': row('anyone', undefined, { token: 'x' }),

  'GET /api/v1/me': row('signed in'),
  'PATCH /api/v1/me': row('person', undefined, { name: 'N' }),
  'POST /api/v1/me/password': row(
    'person',
    undefined,
    { current: 'wrong', password: 'long enough, I say' },
    [401, 403],
  ),
  'GET /api/v1/me/sign-ins': row('person'),
  'DELETE /api/v1/me/sign-ins': row('person'),
  'DELETE /api/v1/me/sign-ins/:id': row('person', `/api/v1/me/sign-ins/${nobody}`),
  'POST /api/v1/me/totp': row('person', undefined, { password: 'wrong' }, [401, 403]),
  'POST /api/v1/me/totp/confirm': row('person', undefined, { code: '1' }, [401, 403]),
  'POST /api/v1/me/totp/disable': row('person', undefined, { password: 'wrong' }, [401, 403]),

  'GET /api/v1/api-keys': row('manager'),
  'POST /api/v1/api-keys': row('manage', undefined, {
    name: 'k',
    creator_id: 'mine',
    scopes: ['read'],
  }),
  'POST /api/v1/api-keys/:id/rotate': row('manage by id', '/api/v1/api-keys/{key}/rotate', {}),
  'DELETE /api/v1/api-keys/:id': row('manage by id', '/api/v1/api-keys/{key}'),
  'GET /api/v1/members': row('manager'),
  'POST /api/v1/members/:id/roles': row('manage', '/api/v1/members/{member}/roles', {
    creator_id: 'mine',
    role: 'viewer',
  }),
  'DELETE /api/v1/members/:id': row('installation', `/api/v1/members/${nobody}`),
  'POST /api/v1/members/:id/reset-link': row(
    'installation',
    `/api/v1/members/${nobody}/reset-link`,
    {},
  ),
  'POST /api/v1/members/:id/reset-second-factor': row(
    'installation',
    `/api/v1/members/${nobody}/reset-second-factor`,
    {},
  ),
  'GET /api/v1/invitations': row('manager'),
  'POST /api/v1/invitations': row('manage', undefined, {
    email: 'new@example.com',
    creator_id: 'mine',
    role: 'viewer',
  }),
  'DELETE /api/v1/invitations/:id': row('manage by id', '/api/v1/invitations/{invitation}'),
  'GET /api/v1/jobs': row('installation'),
  'POST /api/v1/jobs/:job/run': row('installation', '/api/v1/jobs/no-such-job/run', {}),
  'GET /api/v1/audit': row('manager'),
  'GET /api/v1/audit/export': row('manager'),

  'GET /api/v1/creators': row('signed in'),
  'POST /api/v1/creators': row('installation', undefined, {}),
  'DELETE /api/v1/creators/:creator_id': row('manage', '/api/v1/creators/mine?confirm=not-mine'),
  'GET /api/v1/creators/:creator_id/export': row('manage', '/api/v1/creators/mine/export'),
  'PATCH /api/v1/creators/:creator_id': row('manage', '/api/v1/creators/mine', {
    name: 'canary-mine',
  }),
  'GET /api/v1/creators/:creator_id/recount': row('read', '/api/v1/creators/mine/recount'),
  'GET /api/v1/creators/:creator_id/import-rules': row(
    'send',
    '/api/v1/creators/mine/import-rules',
  ),
  'GET /api/v1/creators/:creator_id/live': row('read', '/api/v1/creators/mine/live'),
  'GET /api/v1/creators/:creator_id/lives': row('read', '/api/v1/creators/mine/lives'),
  'GET /api/v1/creators/:creator_id/lives/:session_id': row(
    'read',
    '/api/v1/creators/mine/lives/canary-mine',
  ),
  'GET /api/v1/creators/:creator_id/lives/:session_id/events': row(
    'read',
    '/api/v1/creators/mine/lives/canary-mine/events',
  ),
  'GET /api/v1/creators/:creator_id/lives/:session_id/summary': row(
    'read',
    '/api/v1/creators/mine/lives/canary-mine/summary',
  ),
  'GET /api/v1/creators/:creator_id/lives/:session_id/minutes.csv': row(
    'read',
    '/api/v1/creators/mine/lives/canary-mine/minutes.csv',
  ),
  'GET /api/v1/creators/:creator_id/overview': row('read', '/api/v1/creators/mine/overview'),
  'GET /api/v1/creators/:creator_id/lives/:session_id/crowd': row(
    'read',
    '/api/v1/creators/mine/lives/canary-mine/crowd',
  ),
  'POST /api/v1/creators/:creator_id/lives/:session_id/questions/:comment_id/answer': row(
    'operate',
    '/api/v1/creators/mine/lives/canary-mine/questions/e/answer',
  ),
  'DELETE /api/v1/creators/:creator_id/lives/:session_id/questions/:comment_id/answer': row(
    'operate',
    '/api/v1/creators/mine/lives/canary-mine/questions/e/answer',
  ),
  'GET /api/v1/creators/:creator_id/goal': row(
    'read',
    '/api/v1/creators/mine/goal?session_id=canary-mine',
  ),
  'POST /api/v1/creators/:creator_id/goal': row('operate', '/api/v1/creators/mine/goal', {
    metric: 'gmv',
    target: 1_000,
    session_id: 'canary-mine',
  }),
  'DELETE /api/v1/creators/:creator_id/goal': row('operate', '/api/v1/creators/mine/goal'),
  'GET /api/v1/creators/:creator_id/alerts/rules': row(
    'read',
    '/api/v1/creators/mine/alerts/rules',
  ),
  'POST /api/v1/creators/:creator_id/alerts/rules': row(
    'manage',
    '/api/v1/creators/mine/alerts/rules',
    { name: 'canary-mine', condition: { kind: 'source_down' } },
  ),
  'PATCH /api/v1/creators/:creator_id/alerts/rules/:rule_id': row(
    'manage',
    `/api/v1/creators/mine/alerts/rules/${nobody}`,
    { enabled: false },
  ),
  'DELETE /api/v1/creators/:creator_id/alerts/rules/:rule_id': row(
    'manage',
    `/api/v1/creators/mine/alerts/rules/${nobody}`,
  ),
  'POST /api/v1/creators/:creator_id/alerts/rules/:rule_id/restore': row(
    'manage',
    `/api/v1/creators/mine/alerts/rules/${nobody}/restore`,
    {},
  ),
  'GET /api/v1/creators/:creator_id/alerts/noise': row(
    'read',
    '/api/v1/creators/mine/alerts/noise',
  ),
  'GET /api/v1/creators/:creator_id/alerts/rules/:rule_id/noise': row(
    'read',
    `/api/v1/creators/mine/alerts/rules/${nobody}/noise`,
  ),
  'POST /api/v1/creators/:creator_id/alerts/backtest': row(
    'read',
    '/api/v1/creators/mine/alerts/backtest',
    { rule: { name: 'canary-mine', condition: { kind: 'oversold', product_id: null } } },
  ),
  'GET /api/v1/creators/:creator_id/alerts/episodes': row(
    'read',
    '/api/v1/creators/mine/alerts/episodes',
  ),
  'POST /api/v1/creators/:creator_id/alerts/episodes/:episode_id/acknowledge': row(
    'operate',
    `/api/v1/creators/mine/alerts/episodes/${'0'.repeat(32)}/acknowledge`,
    {},
  ),
  'POST /api/v1/creators/:creator_id/alerts/silences': row(
    'operate',
    '/api/v1/creators/mine/alerts/silences',
    { minutes: 1 },
  ),
  'DELETE /api/v1/creators/:creator_id/alerts/silences/:silence_id': row(
    'operate',
    `/api/v1/creators/mine/alerts/silences/${nobody}`,
  ),
  'GET /api/v1/creators/:creator_id/people': row(
    'read',
    '/api/v1/creators/mine/people?ids=canary-mine',
  ),
  'GET /api/v1/creators/:creator_id/metrics/:metric': row(
    'read',
    `/api/v1/creators/mine/metrics/gmv?${range}`,
  ),
  'POST /api/v1/creators/:creator_id/query': row('read', '/api/v1/creators/mine/query', question),
  'POST /api/v1/creators/:creator_id/queries': row('read', '/api/v1/creators/mine/queries', {
    questions: [question],
  }),
  'GET /api/v1/creators/:creator_id/logo': row('read', '/api/v1/creators/mine/logo'),
  'POST /api/v1/creators/:creator_id/logo': row('manage', '/api/v1/creators/mine/logo', {
    image: 'AAAA',
  }),
  'DELETE /api/v1/creators/:creator_id/logo': row('manage', '/api/v1/creators/mine/logo'),
  'GET /api/v1/creators/:creator_id/query/meta': row('read', '/api/v1/creators/mine/query/meta'),
  'GET /api/v1/creators/:creator_id/lives/:session_id/baseline': row(
    'read',
    '/api/v1/creators/mine/lives/canary-mine/baseline',
  ),
  'GET /api/v1/creators/:creator_id/power-hours': row('read', '/api/v1/creators/mine/power-hours'),
  'GET /api/v1/creators/:creator_id/usage': row('read', '/api/v1/creators/mine/usage'),
  'GET /api/v1/source-kinds': row('signed in'),
  // Whoever comes back is known by the attempt that was begun, and nobody began one here.
  'GET /api/v1/sources/:kind/authorized': row('anyone', '/api/v1/sources/shopify/authorized'),
  'POST /api/v1/creators/:creator_id/sources/:source_id/authorize': row(
    'manage',
    `/api/v1/creators/mine/sources/${nobody}/authorize`,
    {},
  ),
  'GET /api/v1/creators/:creator_id/sources': row('read', '/api/v1/creators/mine/sources'),
  'POST /api/v1/creators/:creator_id/sources': row('manage', '/api/v1/creators/mine/sources', {
    kind: 'tiktok_live',
    handle: 'canary-mine',
  }),
  'PATCH /api/v1/creators/:creator_id/sources/:source_id': row(
    'manage',
    `/api/v1/creators/mine/sources/${nobody}`,
    { enabled: true },
  ),
  'DELETE /api/v1/creators/:creator_id/sources/:source_id': row(
    'manage',
    `/api/v1/creators/mine/sources/${nobody}`,
  ),
  'POST /api/v1/creators/:creator_id/sources/:source_id/retry': row(
    'operate',
    `/api/v1/creators/mine/sources/${nobody}/retry`,
    {},
  ),
  'GET /api/v1/creators/:creator_id/alerts/targets': row(
    'read',
    '/api/v1/creators/mine/alerts/targets',
  ),
  'POST /api/v1/creators/:creator_id/alerts/targets': row(
    'manage',
    '/api/v1/creators/mine/alerts/targets',
    { kind: 'webhook', name: 'canary-mine', url: 'https://hooks.example.com/' },
  ),
  'PATCH /api/v1/creators/:creator_id/alerts/targets/:target_id': row(
    'manage',
    `/api/v1/creators/mine/alerts/targets/${nobody}`,
    { enabled: true },
  ),
  'DELETE /api/v1/creators/:creator_id/alerts/targets/:target_id': row(
    'manage',
    `/api/v1/creators/mine/alerts/targets/${nobody}`,
  ),
  'POST /api/v1/creators/:creator_id/alerts/targets/:target_id/roll-secret': row(
    'manage',
    `/api/v1/creators/mine/alerts/targets/${nobody}/roll-secret`,
    {},
  ),
  'POST /api/v1/creators/:creator_id/alerts/targets/:target_id/test': row(
    'operate',
    `/api/v1/creators/mine/alerts/targets/${nobody}/test`,
    {},
  ),
  'GET /api/v1/creators/:creator_id/alerts/deliveries': row(
    'read',
    '/api/v1/creators/mine/alerts/deliveries',
  ),
  'POST /api/v1/creators/:creator_id/alerts/deliveries/:delivery_id/resend': row(
    'operate',
    `/api/v1/creators/mine/alerts/deliveries/${nobody}/resend`,
    {},
  ),
  'GET /api/v1/creators/:creator_id/alerts/push': row('read', '/api/v1/creators/mine/alerts/push'),
  // A key is let in, and is told that only people can be notified.
  'POST /api/v1/creators/:creator_id/alerts/push': row(
    'read',
    '/api/v1/creators/mine/alerts/push',
    {},
  ),
  'DELETE /api/v1/creators/:creator_id/alerts/push/:target_id': row(
    'read',
    `/api/v1/creators/mine/alerts/push/${nobody}`,
    undefined,
    [403],
  ),
  'POST /api/v1/creators/:creator_id/sources/connect': row(
    'manage',
    '/api/v1/creators/mine/sources/connect',
    { kind: 'tiktok_shop', secrets: { app_key: 'k', app_secret: 's' } },
  ),
  // Nothing was authorized in this browser.
  'GET /api/v1/creators/:creator_id/sources/authorized': row(
    'manage',
    '/api/v1/creators/mine/sources/authorized',
  ),
  'POST /api/v1/creators/:creator_id/sources/authorized': row(
    'manage',
    '/api/v1/creators/mine/sources/authorized',
    { account: '1' },
  ),
  'POST /api/v1/creators/:creator_id/sources/:source_id/check': row(
    'manage',
    `/api/v1/creators/mine/sources/${nobody}/check`,
    {},
  ),
  'GET /api/v1/creators/:creator_id/dead-letters': row(
    'operate',
    '/api/v1/creators/mine/dead-letters',
  ),
  'GET /api/v1/creators/:creator_id/dead-letters/:letter_id': row(
    'operate',
    '/api/v1/creators/mine/dead-letters/1',
  ),
  'POST /api/v1/creators/:creator_id/dead-letters/replay': row(
    'operate',
    '/api/v1/creators/mine/dead-letters/replay',
    {},
  ),
  'POST /api/v1/creators/:creator_id/dead-letters/drop': row(
    'operate',
    '/api/v1/creators/mine/dead-letters/drop',
    { ids: [999_999] },
  ),
  'GET /api/v1/creators/:creator_id/people-search': row(
    'manage',
    '/api/v1/creators/mine/people-search?q=canary',
  ),
  'GET /api/v1/creators/:creator_id/people/:user_id': row(
    'manage',
    '/api/v1/creators/mine/people/canary-mine',
  ),
  'DELETE /api/v1/creators/:creator_id/people/:user_id': row(
    'manage',
    '/api/v1/creators/mine/people/gone',
  ),
  'POST /api/v1/demo': row('installation', undefined, {}),
  'GET /api/v1/demo': row('installation'),
  'DELETE /api/v1/demo': row('installation'),
}

interface Place {
  readonly app: TestApp
  /** Headers that name each caller, of a sign-in of its own: some requests end it. */
  readonly headers: Readonly<Record<Caller, () => Promise<Record<string, string>>>>
  /** Keys of the callers that have one, for sockets. */
  readonly tokens: Partial<Record<Caller, string>>
  /** Fills the names in braces of a path: made anew for each request that may use it up. */
  fill(path: string): Promise<string>
}

describe.each(databases())('who may do what on $name', (backend) => {
  let place: Place
  beforeAll(async () => {
    place = await prepare(backend)
  })
  afterAll(() => place?.app[Symbol.asyncDispose]())

  test('[P5][ACCESS-1] the table has exactly the mounted routes', () => {
    // Those of an identity provider are there only with one, and pages only when they are built.
    const mounted = place.app.routes.filter((route) => !/oidc|\*/.test(route))
    expect([...mounted].sort()).toEqual(Object.keys(routes).sort())
  })

  test.each(callers)(
    '[P5][ACCESS-1] %s gets exactly the answers of the table, and nothing of another creator',
    async (caller) => {
      const wrong: string[] = []
      for (const [route, { kind, path, body, also = [] }] of Object.entries(routes)) {
        const [method = '', declared = ''] = route.split(' ')
        const isIn = (kinds[kind].in as readonly Caller[]).includes(caller)
        const reply = await ask(
          place.app.port,
          method,
          await place.fill(path ?? declared),
          {
            ...(await place.headers[caller]()),
            ...(method !== 'GET' && method !== 'DELETE' && { 'content-type': 'application/json' }),
            origin: place.app.url,
          },
          body === undefined ? undefined : JSON.stringify(body),
        )
        const { hidden = [] } = kinds[kind] as { hidden?: readonly Caller[] }
        const refused = hidden.includes(caller) ? '404' : '403'
        const wanted = isIn ? 'let in' : caller === 'anonymous' ? '401' : refused
        const got = wanted === '404' ? String(reply.status) : answerOf(reply, isIn ? also : [])
        if (got !== wanted)
          wrong.push(`${route}: ${got} instead of ${wanted}: ${reply.text.slice(0, 200)}`)
        if (reply.text.includes('canary-mine') && !mayReadMine.includes(caller)) {
          wrong.push(`${route}: leaks ${reply.text.slice(0, 300)}`)
        }
      }
      expect(wrong).toEqual([])
    },
  )

  test('[P5][ACCESS-1] every socket request is in the table', () => {
    expect(Object.keys(requestSchemas).sort()).toEqual(Object.keys(socketRequests).sort())
  })

  test.each(callers)('[P5][ACCESS-1] %s watches a creator by socket', async (caller) => {
    const { cookie } = await place.headers[caller]()
    const options = cookie === undefined ? {} : { extraHeaders: { cookie, origin: place.app.url } }
    const client = await connect(place.app, place.tokens[caller], options).catch(
      (error: { data?: { code: string } }) => error.data?.code ?? 'refused',
    )
    if (caller === 'anonymous') return expect(client).toBe('unauthorized')
    if (typeof client === 'string') throw new Error(client)
    for (const [name, allowed] of Object.entries(socketRequests)) {
      const result = await client.socket
        .timeout(10_000)
        .emitWithAck(name as 'watch', { creator_id: 'mine' })
      const isIn = (allowed as readonly Caller[]).includes(caller)
      expect(result.ok ? 'ok' : result.error.code, name).toBe(isIn ? 'ok' : 'forbidden')
      if (!isIn) expect(JSON.stringify(result)).not.toContain('canary-mine')
    }
    await client[Symbol.asyncDispose]()
  })
})

const readers = kinds.read.in
/** Leaving a room where one never was tells nothing, and is nobody's business. */
const socketRequests = { watch: readers, unwatch: callers } as const
/** Who operates looks at what was set aside, which is of the creator too. */
const mayReadMine: readonly Caller[] = [...readers, 'operate key']

function answerOf(reply: { status: number; text: string }, also: readonly number[]): string {
  if (reply.status >= 500) return `broken with ${reply.status}`
  // Events are refused one by one, in an answer that is 200.
  const rejected = rejectCodes.find(
    (code) => code === 'creator_forbidden' && reply.text.includes(`"code":"${code}"`),
  )
  if (rejected) return '403'
  if (also.includes(reply.status)) return 'let in'
  return reply.status === 401 || reply.status === 403 ? String(reply.status) : 'let in'
}

async function prepare(
  backend: typeof databases extends () => (infer B)[] ? B : never,
): Promise<Place> {
  const app = await startApp({ database: backend, env: { HOST: '0.0.0.0' } })
  const { database } = app
  const owner = { cookie: app.owner.cookie, origin: app.url, 'content-type': 'application/json' }
  for (const id of ['mine', 'other']) {
    const body = { id, name: `canary-${id}`, time_zone: 'UTC', currency: 'USD' }
    await ask(app.port, 'POST', '/api/v1/creators', owner, JSON.stringify(body))
  }
  await app.post([
    {
      id: 'e',
      type: 'comment',
      creator_id: 'mine',
      session_id: 'canary-mine',
      user_id: 'canary-mine',
      properties: { text: 'canary-mine' },
    },
  ])
  const user = async (creatorId: string | null, role: 'viewer' | 'operator' | 'owner') => {
    const { id } = await newUser(database, { roles: [{ creatorId, role }] })
    return async () => ({ cookie: (await signedIn(database, id)).cookie })
  }
  const key = async (...scopes: Scope[]) => {
    const made = await createApiKey(database, { name: 'canary-mine', creatorId: 'mine', scopes })
    return made.key
  }
  const tokens = {
    'ingest key': await key('ingest:write'),
    'read key': await key('read'),
    'operate key': await key('operate'),
  }
  const headers = {
    anonymous: async () => ({}),
    viewer: await user('mine', 'viewer'),
    operator: await user('mine', 'operator'),
    owner: await user('mine', 'owner'),
    'other owner': await user('other', 'owner'),
    'installation owner': await user(null, 'owner'),
    'ingest key': async () => ({ authorization: `Bearer ${tokens['ingest key']}` }),
    'read key': async () => ({ authorization: `Bearer ${tokens['read key']}` }),
    'operate key': async () => ({ authorization: `Bearer ${tokens['operate key']}` }),
  }
  const { id: member } = await newUser(database, { roles: [{ creatorId: 'mine', role: 'viewer' }] })
  const made = async (what: string, body: object) => {
    const reply = await ask(app.port, 'POST', `/api/v1/${what}`, owner, JSON.stringify(body))
    return String(reply.json.id)
  }
  const makers: Readonly<Record<string, () => Promise<string>>> = {
    key: () => made('api-keys', { name: 'k', creator_id: 'mine', scopes: ['read'] }),
    invitation: () =>
      made('invitations', {
        email: `${randomUUID()}@example.com`,
        creator_id: 'mine',
        role: 'viewer',
      }),
    member: async () => member,
  }
  return {
    app,
    headers,
    tokens,
    async fill(path) {
      const name = /\{(\w+)\}/.exec(path)?.[1]
      return name === undefined ? path : path.replace(`{${name}}`, (await makers[name]?.()) ?? '')
    },
  }
}
