import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configMarkdown, configTable, loadConfig } from './config.ts'

const key = `cf_live_demo0001_${'a'.repeat(43)}`

test('[CONFIG-1] without settings the server needs nothing: loopback, embedded, in-process', () => {
  const config = loadConfig({})
  expect(config).toMatchObject({
    port: 3000,
    host: '127.0.0.1',
    dataDir: '.data',
    roles: ['pipeline', 'gateway', 'jobs'],
    logLevel: 'info',
    allowedOrigins: [],
    trustedProxyHops: 0,
    maxBodyBytes: 1_000_000,
    coalesceIntervalMs: 100,
  })
  expect(config.databaseUrl).toBeUndefined()
  expect(config.redisUrl).toBeUndefined()
  expect(Object.isFrozen(config)).toBe(true)
})

test('[CONFIG-1] an empty variable counts as not set', () => {
  expect(loadConfig({ PORT: '', REDIS_URL: ' ', HOST: undefined })).toEqual(loadConfig({}))
})

test('[CONFIG-1] variables are read, lists split, and addresses lose their trailing slash', () => {
  const config = loadConfig({
    PORT: '0',
    HOST: '::',
    PUBLIC_URL: 'https://live.example.com/',
    TRUSTED_PROXY_HOPS: '1',
    DATABASE_URL: 'postgres://user:word@db:5432/live',
    REDIS_URL: 'redis://cache:6379',
    ROLES: 'gateway, jobs,gateway',
    ALLOWED_ORIGINS: 'https://a.example, http://localhost:5173/',
    BOOTSTRAP_CREATOR: 'alice',
    BOOTSTRAP_API_KEY: key,
  })
  expect(config).toMatchObject({
    port: 0,
    publicUrl: 'https://live.example.com',
    roles: ['gateway', 'jobs'],
    allowedOrigins: ['https://a.example', 'http://localhost:5173'],
    bootstrapCreator: 'alice',
    bootstrapApiKey: key,
  })
})

test.each([
  ['SECRET_KEY', 'short'],
  ['SECRET_KEY', Buffer.alloc(31).toString('base64')],
  ['SMTP_URL', 'mail.example.com'],
  ['OIDC_ISSUER', 'accounts.example.com'],
  ['MAIL_FROM', 'nobody'],
  ['PORT', '70000'],
  ['PORT', '3e3'],
  ['PORT', '-1'],
  ['PUBLIC_URL', 'live.example.com'],
  ['PUBLIC_URL', 'https://live.example.com/app'],
  ['DATABASE_URL', 'mysql://localhost/live'],
  ['REDIS_URL', 'localhost:6379'],
  ['ROLES', 'gateway,webserver'],
  ['ROLES', ','],
  ['BOOTSTRAP_CREATOR', 'Alice Smith'],
  ['LOG_LEVEL', 'loud'],
  ['MAX_LINES', '1.5'],
  ['ALLOWED_ORIGINS', '*'],
])('[CONFIG-1] %s=%s stops the start, and the message names the variable', (name, value) => {
  expect(() => loadConfig({ [name]: value })).toThrow(name)
})

test('[CONFIG-1] all wrong variables are named at once', () => {
  const load = () => loadConfig({ PORT: 'x', ROLES: 'y', MAX_SOCKETS: '0' })
  for (const name of ['PORT', 'ROLES', 'MAX_SOCKETS']) expect(load).toThrow(name)
})

test('[CONFIG-1] a malformed bootstrap key stops the start, naming the format but not the key', () => {
  const load = (value: string) => () =>
    loadConfig({ BOOTSTRAP_CREATOR: 'alice', BOOTSTRAP_API_KEY: value })
  expect(load('hunter2-hunter2')).toThrow(/BOOTSTRAP_API_KEY/)
  expect(load('hunter2-hunter2')).toThrow(/cf_live_/)
  expect(load('hunter2-hunter2')).not.toThrow(/hunter2/)
  expect(load(key)).not.toThrow()
})

test('[CONFIG-1] a bootstrap key needs the creator it is for', () => {
  expect(() => loadConfig({ BOOTSTRAP_API_KEY: key })).toThrow(/BOOTSTRAP_CREATOR/)
})

test('[CONFIG-1] every variable has a unit and a meaning, and limits have their unit in their name', () => {
  for (const { name, unit, text } of configTable()) {
    expect(text, name).toMatch(/\.$/)
    expect(unit, name).not.toBe('')
    if (unit === 'ms') expect(name).toMatch(/_MS$/)
    if (unit === 'bytes') expect(name).toMatch(/_BYTES$/)
  }
})

test('[CONFIG-1] docs/CONFIG.md has every variable with its unit and default, basic ones first', () => {
  const page = readFileSync(new URL('../../docs/CONFIG.md', import.meta.url), 'utf8')
  expect(page).toBe(configMarkdown())
  expect(page.indexOf('`DATABASE_URL`')).toBeLessThan(page.indexOf('## Advanced'))
  expect(page.indexOf('`SOCKET_DIRTY_BYTES`')).toBeGreaterThan(page.indexOf('## Advanced'))
})

test.each([
  [{ SMTP_URL: 'smtp://mail.example.com' }, 'PUBLIC_URL'],
  [{ PUBLIC_URL: 'https://live.example.com' }, 'TRUSTED_PROXY_HOPS'],
  [{ PUBLIC_URL: 'http://192.168.1.5:3000' }, 'TRUSTED_PROXY_HOPS'],
  [{ OIDC_ISSUER: 'https://id.example.com', PUBLIC_URL: 'https://a.example' }, 'OIDC_CLIENT_ID'],
  [
    { OIDC_ISSUER: 'https://id.example.com', OIDC_CLIENT_ID: 'a', OIDC_CLIENT_SECRET: 'b' },
    'PUBLIC_URL',
  ],
])('[CONFIG-1] %o names the setting it requires', (env, missing) => {
  expect(() => loadConfig(env)).toThrow(missing)
})

test('[CONFIG-1] no duration is longer than a timer can be', () => {
  const durations = configTable().filter(({ unit }) => unit === 'ms' || unit === 's')
  expect(durations.length).toBeGreaterThan(15)
  for (const { name, unit } of durations) {
    const tooLong = String(2 ** 31 / (unit === 's' ? 1_000 : 1)).split('.')[0]
    expect(() => loadConfig({ [name]: tooLong }), name).toThrow(name)
  }
})
