import { randomUUID } from 'node:crypto'
import { sql } from '@creatorflow/db/sql'
import { setLogo } from '@creatorflow/shared/features/creators'
import { addPush } from '@creatorflow/shared/features/notifications'
import { TOTP } from 'otpauth'
import { startReceiver } from '../../src/features/notifications/test/services.ts'
import { createPasswordHasher } from '../../src/identity/access/password-hash.ts'
import { insertUser, setRole } from '../../src/identity/access/users.ts'
import { sourceDefinitions } from '../../src/sources/index.ts'
import { toyMarket } from '../../src/sources/test/toy/index.ts'
import { type Market, startMarket } from '../../src/sources/test/toy/market.ts'
import { ask, startApp, type TestApp } from '../harness.ts'
import { signedIn } from '../people.ts'

/** Values of one call that replace the example's, because the server creates them or they work once. */
export interface Changes {
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, unknown>>
}

/** A server with everything the examples name, and what each call needs to succeed. */
export interface World extends AsyncDisposable {
  readonly app: TestApp
  readonly key: string
  /** Prepares one call of `GET /api/v1/…`: its caller, and what differs from the example. */
  prepare(route: string): Promise<Changes & { readonly cookie: string }>
}

/** Of a browser. */
const exampleKeys = addPush.example.body.keys

/** Passwords of the examples. */
const examplePassword = 'a long password'

interface Caller {
  readonly id: string
  readonly email: string
  readonly signInId: string
  readonly cookie: string
}

export async function createWorld(): Promise<World> {
  const market: Market = await startMarket()
  const receiver = await startReceiver()
  const app = await startApp({
    sources: [...sourceDefinitions, toyMarket],
    // On a loopback address everyone here would be the local owner.
    env: { HOST: '0.0.0.0', TOY_MARKET_URL: market.url, ALERT_TARGETS_ALLOWED: '127.0.0.1' },
  })
  const { database } = app
  const passwordHash = await createPasswordHasher().hash(examplePassword)

  async function newCaller(email: string, role: 'owner' | 'viewer'): Promise<Caller> {
    const user = await insertUser(database, { email, name: 'Someone', passwordHash })
    if (!user) throw new Error(`${email} is taken`)
    await setRole(database, user.id, null, role)
    return { id: user.id, email, ...(await signedIn(database, user.id)) }
  }
  const somebody = (role: 'owner' | 'viewer' = 'viewer') =>
    newCaller(`${randomUUID()}@example.com`, role)

  async function call(caller: Caller, method: string, path: string, body?: object) {
    const headers = { cookie: caller.cookie, origin: app.url, 'content-type': 'application/json' }
    const reply = await ask(
      app.port,
      method,
      `/api/v1/${path}`,
      headers,
      body && JSON.stringify(body),
    )
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.text}`)
    return reply.json
  }

  const owner = await newCaller('mia@example.com', 'owner')
  await call(owner, 'POST', 'creators', {
    id: 'mia',
    name: 'Mia',
    time_zone: 'America/New_York',
    currency: 'USD',
  })
  const { key } = await call(owner, 'POST', 'api-keys', {
    name: 'examples',
    scopes: ['ingest:write', 'read', 'operate'],
  })
  await seed(app)

  const tokenOf = ({ url }: { url: string }) => url.slice(url.indexOf('token=') + 'token='.length)
  const newInvitation = async (by: Caller) =>
    call(by, 'POST', 'invitations', {
      email: `${randomUUID()}@example.com`,
      creator_id: 'mia',
      role: 'viewer',
    })
  const newSource = async (by: Caller) => {
    const stall = randomUUID()
      .replaceAll(/[^a-z]/g, '')
      .padEnd(4, 'x')
      .slice(0, 20)
    const { id } = await call(by, 'POST', 'creators/mia/sources', {
      kind: 'toy_market',
      stall,
      signing_secret: 'a secret',
    })
    return { path: { source_id: String(id) } }
  }
  const newRule = async (by: Caller) => {
    const { rule } = await call(by, 'POST', 'creators/mia/alerts/rules', {
      name: 'Low CTR',
      condition: { kind: 'below', metric: 'ctr', subject: { of: 'live' }, fires_at: 0.05 },
    })
    return { path: { rule_id: String(rule.id) } }
  }
  const newEpisode = async (by: Caller) => {
    const { path } = await newRule(by)
    const id = randomUUID().replaceAll('-', '')
    await database.query(sql`
      insert into alert_episodes (creator_id, id, rule_id, number, kind, severity, fired_at, why)
      values ('mia', ${id}, ${path.rule_id}::uuid, 1, 'alert', 'warning', now(),
        ${JSON.stringify({ kind: 'source', name: 'shop', state: 'retrying' })}::jsonb)`)
    return { path: { episode_id: id } }
  }
  const newTarget = async (by: Caller) => {
    const { target } = await call(by, 'POST', 'creators/mia/alerts/targets', {
      kind: 'webhook',
      url: `${receiver.url}/hook`,
    })
    return { path: { target_id: String(target.id) } }
  }
  const newBrowser = () => ({ endpoint: `${receiver.url}/push/${randomUUID()}` })
  const newKey = async (by: Caller) => {
    const { id } = await call(by, 'POST', 'api-keys', { name: 'k', scopes: ['read'] })
    return { path: { id: String(id) } }
  }
  const newLetter = async () => {
    const [row] = await database.query<{ id: string }>(sql`
      insert into dead_letters (creator_id, reason, event)
      values ('mia', 'a test wanted one', ${JSON.stringify({ id: randomUUID(), type: 'like' })}::jsonb)
      returning id`)
    return String(row?.id)
  }
  const chosenLetter = async () => ({ body: { ids: [Number(await newLetter())] } })
  const newMember = async () => ({ path: { id: (await somebody()).id } })
  const newCode = async (by: Caller) => {
    const { secret } = await call(by, 'POST', 'me/totp', { password: examplePassword })
    return { code: new TOTP({ secret }).generate() }
  }

  const preparations: Readonly<Record<string, (by: Caller) => Promise<Changes>>> = {
    'DELETE /api/v1/creators/{creator_id}': async (by) => {
      const id = `mia-${randomUUID()}`
      await call(by, 'POST', 'creators', {
        id,
        name: 'Mia',
        time_zone: 'America/New_York',
        currency: 'USD',
      })
      return { path: { creator_id: id }, query: { confirm: id } }
    },
    'POST /api/v1/creators': async () => ({ body: { id: `mia-${randomUUID()}` } }),
    'PATCH /api/v1/creators/{creator_id}/alerts/rules/{rule_id}': newRule,
    'DELETE /api/v1/creators/{creator_id}/alerts/rules/{rule_id}': newRule,
    'POST /api/v1/creators/{creator_id}/alerts/rules/{rule_id}/restore': async (by) => {
      const { path } = await newRule(by)
      await call(by, 'DELETE', `creators/mia/alerts/rules/${path.rule_id}`)
      return { path }
    },
    'GET /api/v1/creators/{creator_id}/alerts/rules/{rule_id}/noise': newRule,
    'POST /api/v1/creators/{creator_id}/alerts/episodes/{episode_id}/acknowledge': newEpisode,
    'DELETE /api/v1/creators/{creator_id}/alerts/silences/{silence_id}': async (by) => {
      // Another silence of the same rule would take its place.
      const { rule_id } = (await newRule(by)).path
      const wanted = { rule_id, minutes: 1 }
      const { silence } = await call(by, 'POST', 'creators/mia/alerts/silences', wanted)
      return { path: { silence_id: String(silence.id) } }
    },
    'DELETE /api/v1/me/sign-ins/{id}': async (by) => ({
      path: { id: (await signedIn(database, by.id)).signInId },
    }),
    'GET /api/v1/creators/{creator_id}/logo': async (by) => {
      await call(by, 'POST', 'creators/mia/logo', setLogo.example.body)
      return {}
    },
    'POST /api/v1/me/totp/confirm': async (by) => ({ body: await newCode(by) }),
    'POST /api/v1/password-reset/confirm': async (by) => {
      const { id } = await somebody()
      return { body: { token: tokenOf(await call(by, 'POST', `members/${id}/reset-link`, {})) } }
    },
    'POST /api/v1/invitations/look': async (by) => ({
      body: { token: tokenOf(await newInvitation(by)) },
    }),
    'POST /api/v1/invitations/accept': async (by) => ({
      body: { token: tokenOf(await newInvitation(by)) },
    }),
    'POST /api/v1/invitations': async () => ({ body: { email: `${randomUUID()}@example.com` } }),
    'DELETE /api/v1/invitations/{id}': async (by) => ({
      path: { id: String((await newInvitation(by)).id) },
    }),
    'POST /api/v1/api-keys/{id}/rotate': newKey,
    'DELETE /api/v1/api-keys/{id}': newKey,
    'POST /api/v1/members/{id}/roles': newMember,
    'DELETE /api/v1/members/{id}': newMember,
    'POST /api/v1/members/{id}/reset-link': newMember,
    'POST /api/v1/members/{id}/reset-second-factor': async () => {
      const member = await somebody('owner')
      await call(member, 'POST', 'me/totp/confirm', await newCode(member))
      return { path: { id: member.id } }
    },
    'DELETE /api/v1/creators/{creator_id}/people/{user_id}': async () => {
      const user_id = randomUUID()
      await app.post([{ id: user_id, type: 'like', creator_id: 'mia', user_id }])
      return { path: { user_id } }
    },
    'POST /api/v1/creators/{creator_id}/sources': async () => ({
      body: { handle: `mia.${randomUUID().slice(0, 8)}` },
    }),
    'PATCH /api/v1/creators/{creator_id}/sources/{source_id}': newSource,
    'DELETE /api/v1/creators/{creator_id}/sources/{source_id}': newSource,
    'POST /api/v1/creators/{creator_id}/sources/{source_id}/retry': newSource,
    'POST /api/v1/creators/{creator_id}/sources/{source_id}/authorize': newSource,
    'PATCH /api/v1/creators/{creator_id}/alerts/targets/{target_id}': newTarget,
    'DELETE /api/v1/creators/{creator_id}/alerts/targets/{target_id}': newTarget,
    'POST /api/v1/creators/{creator_id}/alerts/targets/{target_id}/roll-secret': newTarget,
    'POST /api/v1/creators/{creator_id}/alerts/targets/{target_id}/test': newTarget,
    'POST /api/v1/creators/{creator_id}/alerts/deliveries/{delivery_id}/resend': async (by) => {
      const { path } = await newTarget(by)
      const tested = await call(
        by,
        'POST',
        `creators/mia/alerts/targets/${path.target_id}/test`,
        {},
      )
      return { path: { delivery_id: String(tested.id) } }
    },
    'POST /api/v1/creators/{creator_id}/alerts/push': async () => ({ body: newBrowser() }),
    'DELETE /api/v1/creators/{creator_id}/alerts/push/{target_id}': async (by) => {
      const body = { ...newBrowser(), keys: exampleKeys }
      const target = await call(by, 'POST', 'creators/mia/alerts/push', body)
      return { path: { target_id: String(target.id) } }
    },
    'POST /api/v1/creators/{creator_id}/sources/{source_id}/check': newSource,
    'GET /api/v1/creators/{creator_id}/dead-letters/{letter_id}': async () => ({
      path: { letter_id: await newLetter() },
    }),
    'POST /api/v1/creators/{creator_id}/dead-letters/replay': chosenLetter,
    'POST /api/v1/creators/{creator_id}/dead-letters/drop': chosenLetter,
  }

  return {
    app,
    key: String(key),
    async prepare(route) {
      const caller = await somebody('owner')
      return { cookie: caller.cookie, ...(await preparations[route]?.(caller)) }
    },
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]()
      await market[Symbol.asyncDispose]()
      await receiver[Symbol.asyncDispose]()
    },
  }
}

/** A LIVE of the examples' creator, with what they name. */
async function seed(app: TestApp): Promise<void> {
  const of = { creator_id: 'mia', session_id: 'live-1' }
  const { json, status, text } = await app.post([
    { ...of, id: 'start', type: 'live_started' },
    {
      ...of,
      id: 'comment-1',
      type: 'comment',
      user_id: 'viewer-1',
      user: { name: 'Vera' },
      properties: { text: 'How much is it?' },
    },
  ])
  if (status !== 200 || json.accepted !== 2) throw new Error(text)
}
