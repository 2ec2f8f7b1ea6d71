import { z } from 'zod'
import { logLevels } from '../log.ts'
import { apiKeyForm, parseApiKey } from '../rights/api-key-form.ts'
import { isLoopback } from '../rights/local-owner.ts'

export const roles = ['pipeline', 'gateway', 'jobs'] as const
export type Role = (typeof roles)[number]

interface Description {
  readonly unit: string
  /** As one would write it in the environment; empty when the variable may be absent. */
  readonly fallback: string
  readonly text: string
}

const descriptions = z.registry<Description>()

/** A variable with a default: the default goes through the same checks as a value from outside. */
function variable<T>(schema: z.ZodType<T, string>, fallback: string, unit: string, text: string) {
  return schema.prefault(fallback).register(descriptions, { unit, fallback, text })
}

/** A variable that may be absent. */
function optional<T>(schema: z.ZodType<T, string>, unit: string, text: string) {
  return schema.optional().register(descriptions, { unit, fallback: '', text })
}

function whole(least: number, most: number = Number.MAX_SAFE_INTEGER) {
  return z
    .string()
    .regex(/^\d{1,15}$/, { error: 'must be a whole number, digits only' })
    .transform(Number)
    .pipe(z.int().min(least).max(most))
}

/** Eleven days. Node takes 2 ** 31 ms and more for 1 ms, and some of these are doubled. */
const LONGEST_MS = 1_000_000_000

function wholeMs(least: number, most: number = LONGEST_MS) {
  return whole(least, most)
}

function wholeS(least: number) {
  return whole(least, LONGEST_MS / 1_000)
}

function listOf<T extends string>(item: z.ZodType<T, string>) {
  return z
    .string()
    .transform((text) => [
      ...new Set(
        text
          .split(',')
          .map((part) => part.trim())
          .filter(Boolean),
      ),
    ])
    .pipe(z.array(item))
}

const origin = z.string().transform((text, context) => {
  const url = URL.parse(text)
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search) {
    return url.origin
  }
  context.addIssue('must be an address without a path, such as https://live.example.com')
  return z.NEVER
})

const apiKey = z
  .string()
  .refine((text) => parseApiKey(text) !== null, { error: `must have the form ${apiKeyForm}` })

const secretKey = z.string().transform((text, context) => {
  const key = Buffer.from(text, 'base64')
  if (key.length === 32 && /^[A-Za-z0-9+/]+=*$/.test(text)) return key
  context.addIssue('must be 32 random bytes in base64, such as `openssl rand -base64 32` prints')
  return z.NEVER
})

const variables = {
  NODE_ENV: variable(
    z.enum(['production', 'development', 'test']),
    'development',
    'name',
    'Outside `production` every reply is checked against its contract before it is sent.',
  ),
  PORT: variable(whole(0, 65_535), '3000', 'port', 'Port to listen on; 0 takes any free one.'),
  HOST: variable(
    z.string().regex(/^[A-Za-z0-9.:_-]+$/, { error: 'must be a host name or an address' }),
    '127.0.0.1',
    'address',
    'Address to listen on. On loopback, with the embedded database, whoever is at the machine is its owner.',
  ),
  PUBLIC_URL: optional(
    origin,
    'URL',
    'Where browsers reach the server, when it stands behind a proxy or a name.',
  ),
  DATA_DIR: variable(
    z.string(),
    '.data',
    'path',
    'Folder of the embedded database and of generated keys.',
  ),
  DATABASE_URL: optional(
    z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' }),
    'URL',
    'PostgreSQL 17 with TimescaleDB; without it the embedded database is used.',
  ),
  REDIS_URL: optional(
    z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// address' }),
    'URL',
    'Redis 6.2 or later, to wake other nodes; without it the server stands alone.',
  ),
  ROLES: variable(
    listOf(z.enum(roles)).refine((list) => list.length > 0, { error: 'names no role' }),
    roles.join(','),
    'list',
    'What this process does: `pipeline`, `gateway`, `jobs`, or several, separated by commas.',
  ),
  BOOTSTRAP_CREATOR: optional(
    z.string().regex(/^[a-z0-9_-]{1,64}$/, { error: 'must match [a-z0-9_-]{1,64}' }),
    'slug',
    'Creator that is made at the start when it is missing, in UTC and USD.',
  ),
  BOOTSTRAP_API_KEY: optional(
    apiKey,
    'key',
    'API key that is valid from the start for `BOOTSTRAP_CREATOR`, to send events and to read.',
  ),
  SECRET_KEY: optional(
    secretKey,
    'base64',
    'Seals secrets in the database, 32 bytes, the same on every node; without it one is made in `DATA_DIR`.',
  ),
  SECRET_KEY_PREVIOUS: optional(
    secretKey,
    'base64',
    'The `SECRET_KEY` before a change: secrets that it encrypted are opened, and encrypted with the new one at the start.',
  ),
  SMTP_URL: optional(
    z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// address' }),
    'URL',
    'Mail server for invitations and password resets, with user and password; needs `PUBLIC_URL`.',
  ),
  MAIL_FROM: variable(
    z.string().regex(/^[^\r\n]+@[^\r\n]+$/, { error: 'must be an e-mail address' }),
    'CreatorFlow Live <noreply@localhost>',
    'address',
    'Who letters come from.',
  ),
  OIDC_ISSUER: optional(
    z.url({ protocol: /^https?$/, error: 'must be an https:// address' }),
    'URL',
    'Identity provider (OpenID Connect) to sign in through; needs the next two and `PUBLIC_URL`.',
  ),
  OIDC_CLIENT_ID: optional(z.string(), 'text', 'Name of this server at the identity provider.'),
  OIDC_CLIENT_SECRET: optional(z.string(), 'text', 'Its secret there.'),
  OIDC_LABEL: variable(
    z.string().max(60),
    'Single sign-on',
    'text',
    'What the button to the identity provider says.',
  ),
  SIGN_IN_ATTEMPTS_PER_ACCOUNT: variable(
    whole(1),
    '10',
    'attempts',
    'Most wrong passwords or codes for one e-mail address in ATTEMPT_WINDOW_S.',
  ),
  SIGN_IN_ATTEMPTS_PER_ADDRESS: variable(
    whole(1),
    '50',
    'attempts',
    'Most wrong attempts from one network address in ATTEMPT_WINDOW_S, links and resets included.',
  ),
  RESETS_PER_ACCOUNT: variable(
    whole(1),
    '3',
    'letters',
    'Most letters to set a new password for one e-mail address in ATTEMPT_WINDOW_S.',
  ),
  ATTEMPT_WINDOW_S: variable(wholeS(1), '900', 's', 'Time in which attempts are counted.'),
  INVITATIONS_PER_INVITER: variable(
    whole(1),
    '100',
    'invitations',
    'Invitations that one owner may make in INVITATION_WINDOW_S.',
  ),
  INVITATIONS_PER_ADDRESS: variable(
    whole(1),
    '5',
    'invitations',
    'Invitations that may go to one e-mail address in INVITATION_WINDOW_S, whoever makes them.',
  ),
  INVITATION_WINDOW_S: variable(wholeS(1), '86400', 's', 'Time in which invitations are counted.'),
  METRICS_TOKEN: optional(
    z.string().min(16, { error: 'must have 16 characters or more' }),
    'text',
    'Bearer token that `/metrics` asks for; without it only this machine may read metrics.',
  ),
  LOG_LEVEL: variable(z.enum(logLevels), 'info', 'name', `One of ${logLevels.join(', ')}.`),
  ALLOWED_ORIGINS: variable(
    listOf(origin),
    '',
    'list of URLs',
    'Other origins whose pages may use a sign-in of this server, separated by commas.',
  ),
  TRUSTED_PROXY_HOPS: optional(
    whole(0, 10),
    'proxies',
    'How many proxies in front tell the address and protocol of a caller; 0 when browsers reach this server directly. Must be set with a `PUBLIC_URL` that is not on this machine.',
  ),
  REQUEST_TIMEOUT_MS: variable(
    wholeMs(1_000),
    '30000',
    'ms',
    'Time that a caller has to send a whole request.',
  ),
  SHUTDOWN_TIMEOUT_MS: variable(
    wholeMs(0),
    '8000',
    'ms',
    'Time that open requests have to finish after the process was told to end.',
  ),
  MAX_BODY_BYTES: variable(
    whole(1_000),
    '1000000',
    'bytes',
    'Largest JSON body, after decompression.',
  ),
  MAX_EVENTS_PER_JSON: variable(whole(1), '10000', 'events', 'Most events in one JSON array.'),
  MAX_LINE_BYTES: variable(whole(1_000), '65536', 'bytes', 'Longest line of NDJSON.'),
  MAX_LINES: variable(whole(1), '100000', 'lines', 'Most lines accepted from one NDJSON request.'),
  MAX_DECOMPRESSED_BYTES: variable(
    whole(1_000),
    '268435456',
    'bytes',
    'Most bytes that one NDJSON request may have, after decompression.',
  ),
  MAX_GZIP_RATIO: variable(
    whole(2),
    '100',
    'times',
    'How many times its compressed size a gzipped body may unpack to, past the first megabyte.',
  ),
  MAX_SKIPPED_BYTES: variable(
    whole(1_000),
    '16777216',
    'bytes',
    'Most bytes of one NDJSON request that may be blank or belong to lines longer than MAX_LINE_BYTES.',
  ),
  MIN_FREE_BYTES: variable(
    whole(0),
    '67108864',
    'bytes',
    'Free space on the disk of DATA_DIR below which events are answered 507; 0 turns the check off.',
  ),
  EMBEDDED_TIMEOUT_MS: variable(
    wholeMs(1_000),
    '120000',
    'ms',
    'Longest that one statement of the embedded database may take before its thread is replaced.',
  ),
  MAX_QUEUED_EVENTS: variable(
    whole(1),
    '50000',
    'events',
    'Events that may wait to be written, and as many again for creators that are locked; past it a request is answered 503.',
  ),
  BUSY_CREATOR_WAIT_MS: variable(
    wholeMs(0),
    '30000',
    'ms',
    'How long events may wait while their creator is locked, for example during a recount; past it they are answered 503.',
  ),
  MAX_BATCH_EVENTS: variable(
    whole(1),
    '2000',
    'events',
    'Most events in one write transaction; the embedded database takes 500 at most.',
  ),
  MAX_REDIS_MESSAGE_BYTES: variable(
    whole(0),
    '65536',
    'bytes',
    'Largest wake-up that carries its events; past it only the head is sent.',
  ),
  COALESCE_INTERVAL_MS: variable(
    wholeMs(10, 1_000),
    '100',
    'ms',
    'Least time between two updates of one creator.',
  ),
  HEAD_INTERVAL_MS: variable(wholeMs(50), '500', 'ms', 'Time between two heads of a creator.'),
  POLL_INTERVAL_MS: variable(
    wholeMs(50),
    '500',
    'ms',
    'Time between two questions to the database about creators that the bus is silent on.',
  ),
  TAIL_RETENTION_S: variable(
    wholeS(10),
    '900',
    's',
    'How long the newest events are kept in the tail that screens catch up from.',
  ),
  TAIL_HOLD_S: variable(
    wholeS(10),
    '3600',
    's',
    'How long a checkpoint keeps the tail after it whole, when no newer checkpoint follows.',
  ),
  CHECKPOINT_EVENTS: variable(
    whole(1),
    '5000',
    'events',
    'Events of a creator after which its live state is stored again.',
  ),
  CHECKPOINT_INTERVAL_S: variable(
    wholeS(1),
    '30',
    's',
    'Time after which the live state of a creator with fewer new events is stored again.',
  ),
  RESETTLE_DELAY_MS: variable(
    wholeMs(0),
    '2000',
    'ms',
    'Time from an event that came too late for its LIVE or pin until the log is settled again.',
  ),
  PEOPLE_RETENTION_DAYS: variable(
    whole(0, 36_500),
    '0',
    'days',
    'How long names and pictures of viewers are kept after they were last seen; 0 keeps them.',
  ),
  COMMENTS_RETENTION_DAYS: variable(
    whole(0, 36_500),
    '0',
    'days',
    'How long the words of comments are kept; 0 keeps them.',
  ),
  RETENTION_DAYS: variable(
    whole(0, 36_500).refine((days) => days === 0 || days >= 7, {
      error: 'must be 0, for ever, or at least 7',
    }),
    '0',
    'days',
    'How long events are kept, rounded up to weeks; 0 is for ever, else 7 at least. Older ones leave their sums and LIVEs behind.',
  ),
  COLUMNSTORE_AFTER_DAYS: variable(
    whole(0, 36_500),
    '0',
    'days',
    'Age from which events are stored by columns; 0 is never. Only TimescaleDB Community can do that.',
  ),
  SOURCES_INTERVAL_MS: variable(
    wholeMs(100),
    '2000',
    'ms',
    'Time between two looks at which sources are to be held by this process.',
  ),
  MAX_HELD_SOURCES: variable(
    whole(0),
    '200',
    'sources',
    'Most connections to LIVEs and shops that this process holds at once.',
  ),
  TIKTOK_SIGN_API_URL: variable(
    z.url({ protocol: /^https?$/, error: 'must be an https:// address' }),
    'https://api.eulerstream.com',
    'URL',
    'Sign server, without which TikTok lets nobody into a LIVE.',
  ),
  TIKTOK_SIGN_API_KEY: optional(
    z.string(),
    'key',
    'Key of its plan; without one few connections are free.',
  ),
  TIKTOK_CONNECTS_PER_HOUR: variable(
    whole(1),
    '30',
    'connections',
    'Most connections to the LIVEs of one handle within an hour; each costs a signature.',
  ),
  TIKTOK_POLL_MS: variable(
    wholeMs(100),
    '60000',
    'ms',
    'Time between two questions whether a handle is on air; they cost no signature.',
  ),
  TIKTOK_SILENCE_MS: variable(
    wholeMs(100),
    '300000',
    'ms',
    'Time without any sign of life after which a LIVE is over.',
  ),
  TIKTOK_STALE_MS: variable(
    wholeMs(100),
    '60000',
    'ms',
    'Time without a byte after which a connection to a LIVE is given up.',
  ),
  TIKTOK_WEB_URL: variable(
    z.url({ protocol: /^https?$/, error: 'must be an https:// address' }),
    'https://www.tiktok.com',
    'URL',
    'Where it is asked whether a handle is on air.',
  ),
  TIKTOK_LIVE_CONNECTOR: optional(
    z.string(),
    'path',
    'Module with another client of TikTok LIVE, see `server/src/sources/tiktok-live/connector.ts`.',
  ),
  MAX_WEBHOOK_BYTES: variable(whole(1_000), '1000000', 'bytes', 'Largest delivery of a shop.'),
  MAX_WAITING_DELIVERIES: variable(
    whole(1),
    '10000',
    'deliveries',
    'Deliveries of one source that may wait to be worked off; past it 429.',
  ),
  DELIVERY_ATTEMPTS: variable(
    whole(1),
    '20',
    'tries',
    'How often a delivery is tried before it becomes a dead letter; the waits between grow to 15 minutes.',
  ),
  DELIVERIES_KEPT_DAYS: variable(
    whole(1, 36_500),
    '35',
    'days',
    'How long ids of deliveries are kept, so that one that comes again counts once.',
  ),
  SHOP_ORDERS_KEPT_DAYS: variable(
    whole(1),
    '400',
    'days',
    'How long an order is remembered after its last delivery, so that later edits and refunds are exact.',
  ),
  SHOP_REFUND_WAIT_MS: variable(
    wholeMs(100),
    '14400000',
    'ms',
    'How long a refund that may include tax waits for its order before the newest order of the shop decides.',
  ),
  TIKTOK_SHOP_API_URL: variable(
    origin,
    'https://open-api.tiktokglobalshop.com',
    'URL',
    'Where the API of TikTok Shop is asked.',
  ),
  TIKTOK_SHOP_AUTH_URL: variable(
    origin,
    'https://auth.tiktok-shops.com',
    'URL',
    'Where tokens of TikTok Shop are given out.',
  ),
  TIKTOK_SHOP_TIMEOUT_MS: variable(
    wholeMs(100),
    '10000',
    'ms',
    'Time that the API of TikTok Shop has to answer before it is asked again.',
  ),
  TIKTOK_SHOP_POLL_S: variable(
    wholeS(1),
    '60',
    's',
    'Time between two questions to TikTok Shop for changes that no delivery told of.',
  ),
  TIKTOK_SHOP_BACKFILL_DAYS: variable(
    whole(0, 365),
    '7',
    'days',
    'How far back the orders of a newly connected TikTok Shop are fetched.',
  ),
  MAX_SOURCES_PER_CREATOR: variable(
    whole(1),
    '50',
    'sources',
    'Most connections to LIVEs and shops of one creator.',
  ),
  MAX_DEAD_LETTERS: variable(
    whole(1),
    '10000',
    'letters',
    'Most dead letters of one creator; past it those go that were replayed, then the oldest, and they are counted.',
  ),
  MAX_DEAD_LETTER_BYTES: variable(
    whole(1_000),
    '50000000',
    'bytes',
    'Most bytes that the dead letters of one creator take; the same goes past it.',
  ),
  DEAD_LETTERS_KEPT_DAYS: variable(
    whole(0, 36_500),
    '90',
    'days',
    'How long dead letters are kept; 0 keeps them.',
  ),
  MAX_SOCKETS: variable(whole(1), '5000', 'sockets', 'Most open sockets of this process.'),
  MAX_SOCKETS_PER_IP: variable(whole(1), '200', 'sockets', 'Most open sockets of one address.'),
  SOCKET_RECHECK_MS: variable(
    wholeMs(100),
    '50000',
    'ms',
    'Time after which each socket is checked against the database again, whatever the bus told.',
  ),
  MAX_WATCHES_PER_SOCKET: variable(
    whole(1),
    '32',
    'creators',
    'Most creators that one socket may watch.',
  ),
  MAX_EVENTS_PER_S_PER_CREATOR: variable(
    whole(0),
    '10000',
    'events/s',
    'Events that one creator may send to this process, over 10 s; past it senders wait or get 429. 0 is no limit.',
  ),
  MAX_REQUESTS_PER_S_PER_CREATOR: variable(
    whole(0),
    '100',
    'requests/s',
    'REST requests about one creator to this process, over 10 s; past it 429. 0 is no limit.',
  ),
  MAX_SOCKETS_PER_CREATOR: variable(
    whole(0),
    '3000',
    'sockets',
    'Most sockets of this process that watch one creator; past it 429. 0 is no limit.',
  ),
  MAX_FOLLOWED_CREATORS: variable(
    whole(1),
    '500',
    'creators',
    'Most creators whose live state this process holds at once.',
  ),
  LIVE_CACHE_BYTES: variable(
    whole(0),
    '33554432',
    'bytes',
    'Memory of this process for LIVEs that were read from the log, measured as JSON. When exceeded, the least recently used go first.',
  ),
  SOCKET_DIRTY_BYTES: variable(
    whole(1_024),
    '262144',
    'bytes',
    'Unread bytes past which a socket gets no more updates, but one snapshot when it has read them.',
  ),
  SOCKET_CUT_BYTES: variable(
    whole(1_024),
    '1048576',
    'bytes',
    'Unread bytes past which a socket is disconnected.',
  ),
  SOCKET_CUT_MS: variable(
    wholeMs(100),
    '10000',
    'ms',
    'Time that a socket may stay behind before it is disconnected.',
  ),
}

const schema = z
  .object(variables)
  .refine((env) => !env.BOOTSTRAP_API_KEY || env.BOOTSTRAP_CREATOR, {
    path: ['BOOTSTRAP_API_KEY'],
    error: 'needs BOOTSTRAP_CREATOR, the creator that the key is for',
  })
  .refine((env) => !env.SMTP_URL || env.PUBLIC_URL, {
    path: ['SMTP_URL'],
    error: 'needs PUBLIC_URL: a link in a letter must not lead where a stranger says',
  })
  .refine((env) => !env.OIDC_ISSUER || (env.OIDC_CLIENT_ID && env.OIDC_CLIENT_SECRET), {
    path: ['OIDC_ISSUER'],
    error: 'needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET',
  })
  .refine((env) => !env.OIDC_ISSUER || env.PUBLIC_URL, {
    path: ['OIDC_ISSUER'],
    error: 'needs PUBLIC_URL, where the identity provider sends people back to',
  })
  // A wrong guess is worse than a question: with 0 behind a proxy one stranger locks everybody out.
  .refine((env) => env.TRUSTED_PROXY_HOPS !== undefined || !isElsewhere(env.PUBLIC_URL), {
    path: ['TRUSTED_PROXY_HOPS'],
    error:
      'must be set when PUBLIC_URL is: the number of proxies in front of this server, or 0 when browsers reach it directly',
  })
  .transform((env) => ({ ...env, TRUSTED_PROXY_HOPS: env.TRUSTED_PROXY_HOPS ?? 0 }))

/** Whether an address leads to another name than this machine's own. */
export function isElsewhere(url: string | undefined): boolean {
  if (url === undefined) return false
  const { hostname } = new URL(url)
  return !isLoopback(hostname) && !hostname.endsWith('.localhost')
}

type CamelCase<S extends string> = S extends `${infer Head}_${infer Rest}`
  ? `${Lowercase<Head>}${Capitalize<CamelCase<Rest>>}`
  : Lowercase<S>
type CamelKeys<T> = { readonly [K in keyof T & string as CamelCase<K>]: T[K] }

export type Config = CamelKeys<z.output<typeof schema>>

/** Thrown by `loadConfig`; its message lists every variable that is wrong, in words. */
export class ConfigError extends Error {}

/** Reads and checks the whole environment once; nothing else reads it. */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  // `PORT=` in an env file means "not set"; as a number it would silently be 0.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()))
  const parsed = schema.safeParse(given)
  if (!parsed.success) {
    throw new ConfigError(`The configuration is not valid:\n${z.prettifyError(parsed.error)}`)
  }
  return Object.freeze(camelKeys(parsed.data))
}

export interface ConfigRow extends Description {
  readonly name: string
}

/** Every variable with its unit, default and meaning, in the order of the README. */
export function configTable(): ConfigRow[] {
  return Object.entries(variables).map(([name, variableSchema]) => {
    const description = descriptions.get(variableSchema)
    if (!description) throw new Error(`${name} has no description`)
    return { name, ...description }
  })
}

/** The same as a Markdown table. */
export function configMarkdown(): string {
  const rows = configTable().map(({ name, unit, fallback, text }) => {
    const shown = fallback === '' ? '–' : `\`${fallback}\``
    return `| \`${name}\` | ${unit} | ${shown} | ${text} |`
  })
  return ['| Variable | Unit | Default | Meaning |', '|---|---|---|---|', ...rows].join('\n')
}

/** Renames the keys as `CamelCase` does it in types: the two are the same rule. */
function camelKeys<T extends object>(values: T): CamelKeys<T> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  ) as CamelKeys<T>
}
