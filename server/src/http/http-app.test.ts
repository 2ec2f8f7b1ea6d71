import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import type { Database } from '@creatorflow/db/database'
import { endpoint } from '@creatorflow/shared/endpoint'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { type ServeOptions, serve } from '../../test/serve.ts'
import { AppError } from '../core/errors.ts'
import { createLog } from '../core/log.ts'
import { hashesOf } from './client-files.ts'
import type { Feature } from './feature.ts'

/** These tests use nothing stored. */
const noDatabase = {
  edition: 'embedded',
  query: () => Promise.reject(Object.assign(new Error('no database'), { code: 'ECONNREFUSED' })),
} as unknown as Database

async function start(options: Partial<ServeOptions> = {}) {
  const served = await serve({ database: noDatabase, ...options })
  onTestFinished(() => served[Symbol.asyncDispose]())
  return served
}

const echo = endpoint('POST', '/api/v1/creators/:creator_id/echo', {
  summary: 'Says what it was told',
  access: 'read',
  params: z.object({ creator_id: z.string() }),
  query: z.object({ times: z.coerce.number().int().max(3).default(1) }),
  body: z.object({ text: z.string() }),
  reply: z.object({ text: z.string().max(10), creator_id: z.string() }),
})
const fail = endpoint('GET', '/api/v1/fail', {
  summary: 'Fails',
  access: 'anyone',
  reply: z.undefined(),
})

function echoFeature(failure: () => Error = () => new Error('a bug')): Feature {
  return {
    name: 'echo',
    mount({ router, answer }) {
      answer(router, echo, ({ body, query, tenant }) => ({
        text: body.text.repeat(query.times),
        creator_id: tenant.creatorId,
      }))
      answer(router, fail, () => Promise.reject(failure()))
    },
  }
}

test('[WEB-1] an endpoint parses its input and authorizes the creator of its path', async () => {
  const { ask } = await start({ features: [echoFeature()] })
  const path = '/api/v1/creators/alice/echo'
  const good = await ask('POST', `${path}?times=2`, { body: { text: 'ab' } })
  expect(good).toMatchObject({ status: 200, json: { text: 'abab', creator_id: 'alice' } })
  const wrong = await ask('POST', `${path}?times=9`, { body: { text: 'ab' } })
  expect(wrong).toMatchObject({ status: 400, json: { error: { code: 'invalid_input' } } })
  const host = 'evil.example'
  expect(await ask('POST', path, { headers: { host }, body: { text: 'a' } })).toMatchObject({
    status: 401,
  })
})

test('[WEB-1] outside production a reply that breaks its contract is an error', async () => {
  const ask = async (env: string) => {
    const served = await start({ features: [echoFeature()], env: { NODE_ENV: env } })
    return served.ask('POST', '/api/v1/creators/a/echo', { body: { text: 'longer than ten' } })
  }
  expect((await ask('test')).status).toBe(500)
  expect((await ask('production')).status).toBe(200)
})

test.each([
  ['broken JSON', '{"text":', {}, 400, 'invalid_input'],
  ['no JSON at all', 'text', {}, 400, 'invalid_input'],
  [
    'another type',
    'text=a',
    { 'content-type': 'application/x-www-form-urlencoded' },
    415,
    'unsupported_media',
  ],
  ['an unknown encoding', '{}', { 'content-encoding': 'rot13' }, 415, 'unsupported_media'],
  ['no body', undefined, {}, 415, 'unsupported_media'],
  ['too much', JSON.stringify({ text: 'a'.repeat(200_000) }), {}, 413, 'too_large'],
])('[WEB-1] %s is refused with its own status', async (_, body, headers, status, code) => {
  const { ask } = await start({ features: [echoFeature()] })
  const reply = await ask('POST', '/api/v1/creators/alice/echo', { body, headers })
  expect(reply).toMatchObject({ status, json: { error: { code } } })
})

test("[WEB-1] an address that cannot be decoded is the caller's mistake", async () => {
  const { ask } = await start({ features: [echoFeature()] })
  expect(await ask('POST', '/api/v1/creators/%ff/echo', { body: {} })).toMatchObject({
    status: 400,
  })
})

test('[WEB-1] deep nesting and __proto__ are refused like any other invalid input', async () => {
  const { ask } = await start({ features: [echoFeature()] })
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
  for (const text of [deep, '{"__proto__":1}', '1e400', 'null']) {
    const reply = await ask('POST', '/api/v1/creators/a/echo', { body: `{"text":${text}}` })
    expect(reply).toMatchObject({ status: 400, json: { error: { code: 'invalid_input' } } })
  }
  const hidden = '{"__proto__":{"text":"a"},"text":"b"}'
  const reply = await ask('POST', '/api/v1/creators/a/echo', { body: hidden })
  expect(reply.json).toEqual({ text: 'b', creator_id: 'a' })
  expect(Object.prototype).not.toHaveProperty('text')
})

test('[WEB-1] a lone surrogate is refused, in keys and deep inside too', async () => {
  const { ask } = await start({ features: [echoFeature()] })
  const path = '/api/v1/creators/a/echo'
  for (const body of [
    '{"text":"\\ud800"}',
    '{"text":"a\\udc00b"}',
    '{"text":"a","\\ud800":1}',
    '{"text":"a","more":[{"b":["\\ud83d"]}]}',
  ]) {
    expect(await ask('POST', path, { body })).toMatchObject({
      status: 400,
      json: {
        error: { code: 'invalid_input', message: 'Text must not contain a lone surrogate.' },
      },
    })
  }
  const whole = await ask('POST', path, { body: '{"text":"\\ud83d\\ude00"}' })
  expect(whole.json).toEqual({ text: '😀', creator_id: 'a' })
})

test('[NODE-4] a bug is answered as bare internal, a lost database as 503 with Retry-After', async () => {
  const bug = await start({ features: [echoFeature()] })
  const reply = await bug.ask('GET', '/api/v1/fail')
  expect(reply).toMatchObject({ status: 500, json: { error: { code: 'internal' } } })
  expect(reply.text).not.toContain('a bug')

  const key = `cf_live_demo0001_${'a'.repeat(43)}`
  const lost = await bug.ask('GET', '/api/v1/me', { headers: { authorization: `Bearer ${key}` } })
  expect(lost).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
  expect(lost.json.error).toMatchObject({ code: 'unavailable', retry_after_ms: 1_000 })

  const slow = () => new AppError('too_many', 'Slow down.', { retryAfterMs: 1_200 })
  const busy = await start({ features: [echoFeature(slow)] })
  expect(await busy.ask('GET', '/api/v1/fail')).toMatchObject({
    status: 429,
    headers: { 'retry-after': '2' },
  })
})

test('[NODE-4] under /api an unknown address is answered as JSON', async () => {
  const { ask } = await start()
  const reply = await ask('GET', '/api/v1/nothing', { headers: { accept: 'text/html' } })
  expect(reply).toMatchObject({ status: 404, json: { error: { code: 'not_found' } } })
})

test('[NODE-4] /healthz says that the process runs, /metrics what it does', async () => {
  const { ask } = await start()
  expect(await ask('GET', '/healthz')).toMatchObject({ status: 200, json: { status: 'up' } })
  const metrics = await ask('GET', '/metrics')
  expect(metrics.headers['content-type']).toContain('text/plain')
  expect(metrics.text).toContain('creatorflow_http_requests_total{method="GET",status="2xx"} 1')
})

test('[NODE-4] /readyz names what is lost: 503 without the database, degraded without the bus', async () => {
  const fine = { ok: true, detail: 'answers' }
  const gone = { ok: false, detail: 'does not answer' }
  const ready = async (ok: boolean, parts: Record<string, typeof fine>) =>
    (await start({ readiness: async () => ({ ok, parts }) })).ask('GET', '/readyz')
  expect(await ready(true, { database: fine, bus: fine })).toMatchObject({
    status: 200,
    json: { status: 'ready' },
  })
  expect(await ready(true, { database: fine, bus: gone })).toMatchObject({
    status: 200,
    json: { status: 'degraded', parts: { bus: gone } },
  })
  expect(await ready(false, { database: gone, bus: fine })).toMatchObject({
    status: 503,
    headers: { 'retry-after': '1' },
    json: { status: 'unavailable', parts: { database: gone } },
  })
  const broken = await start({ readiness: () => Promise.reject(new Error('x')) })
  expect(await broken.ask('GET', '/readyz')).toMatchObject({ status: 503 })
})

test('[NODE-4] /readyz answers even when a dependency hangs', async () => {
  const { ask } = await start({ readiness: () => new Promise(() => {}) })
  expect(await ask('GET', '/readyz')).toMatchObject({ status: 503 })
})

test('[WEB-2] every answer has an id and strict headers, and does not reveal the server', async () => {
  const { ask } = await start()
  for (const path of ['/healthz', '/api/v1/nothing', '/']) {
    const { headers } = await ask('GET', path)
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['content-security-policy']).toMatch(/default-src 'self';script-src 'self';/)
    expect(headers['content-security-policy']).toMatch(
      /img-src 'self' data:;connect-src 'self' ws:\/\/[^ ;]+:\d+;/,
    )
    expect(headers['strict-transport-security']).toBeUndefined()
    expect(headers['x-powered-by']).toBeUndefined()
  }
  const https = await start({
    env: { PUBLIC_URL: 'https://live.example.com', TRUSTED_PROXY_HOPS: '0' },
  })
  const { headers } = await https.ask('GET', '/healthz')
  expect(headers['strict-transport-security']).toContain('max-age=')
  expect(headers['content-security-policy']).toMatch(/connect-src 'self' wss:\/\/[^ ;]+:\d+;/)
  const odd = await ask('GET', '/healthz', { headers: { host: 'a;script-src *' } })
  expect(odd.headers['content-security-policy'] ?? '').not.toContain('script-src *')
})

test('[WEB-4] the request log has neither queries nor keys nor bodies', async () => {
  const lines: string[] = []
  const log = createLog({ level: 'trace', stream: { write: (line) => lines.push(line) } })
  const { ask } = await start({ features: [echoFeature()], log })
  const canary = 'canary-91b2'
  const headers = { authorization: `Bearer ${canary}`, cookie: `cf_sign_in=${canary}` }
  await ask('POST', `/api/v1/creators/a/echo?token=${canary}`, { headers, body: { text: canary } })
  await ask('POST', '/api/v1/creators/a/echo', { body: { text: canary } })
  await ask('GET', `/api/v1/fail?token=${canary}`)
  await expect.poll(() => lines.filter((line) => line.includes('/api/v1/fail'))).toHaveLength(1)
  expect(lines.join('')).toContain('"status":401')
  expect(lines.join('')).not.toContain(canary)
})

async function clientFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'creatorflow-client-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, '_app/immutable'), { recursive: true })
  await writeFile(join(folder, '_app/immutable/start.abc.js'), 'export {}')
  await writeFile(join(folder, 'favicon.svg'), '<svg/>')
  await writeFile(
    join(folder, '200.html'),
    '<!doctype html><head><title>Live</title></head><script>\nboot()\n</script><script src="/x.js"></script>',
  )
  return folder
}

test('[WEB-2] hashed files are cached forever, others revalidated, and any other address loads the app', async () => {
  const { ask } = await start({ clientFolder: await clientFolder() })
  const script = await ask('GET', '/_app/immutable/start.abc.js')
  expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  expect((await ask('GET', '/favicon.svg')).headers['cache-control']).toBe('no-cache')
  for (const path of ['/', '/lives/7123.45', '/wall']) {
    const page = await ask('GET', path, { headers: { accept: 'text/html' } })
    expect(page).toMatchObject({ status: 200, headers: { 'cache-control': 'no-cache' } })
    expect(page.text).toContain('<title>Live</title>')
  }
  const html = { accept: 'text/html' }
  expect(await ask('GET', '/_app/immutable/gone.js', { headers: html })).toMatchObject({
    status: 404,
  })
  expect(await ask('GET', '/gone.png', { headers: { accept: 'image/png' } })).toMatchObject({
    status: 404,
  })
  expect(await ask('GET', '/../package.json', { headers: { accept: 'text/css' } })).toMatchObject({
    status: 404,
  })
  expect(await ask('POST', '/', { body: {} })).toMatchObject({ status: 404 })
})

test('[WEB-2] an unknown address is 404 with a page that says so', async () => {
  const folder = await clientFolder()
  await writeFile(join(folder, 'addresses.json'), JSON.stringify(['^/$', '^/c/([^/]+?)/?$']))
  const { ask } = await start({ clientFolder: folder })
  const statusOf = async (path: string) => {
    const page = await ask('GET', path, { headers: { accept: 'text/html' } })
    expect(page.text, path).toContain('<title>Live</title>')
    return page.status
  }
  for (const path of ['/', '/c/demo', '/c/demo/', '/c/demo?a=b', '/c/%E5%BA%97']) {
    expect(await statusOf(path), path).toBe(200)
  }
  for (const path of ['/nope', '/c', '/c/demo/nope', '/docs', '/openapi.json', '/c/%2F/x']) {
    expect(await statusOf(path), path).toBe(404)
  }
})

test('[WEB-2] the picture of a shared link has a whole address, or none while nobody knows one', async () => {
  const folder = await clientFolder()
  const pictureOf = async (env: Record<string, string>) => {
    const { ask } = await start({ clientFolder: folder, env })
    const { text } = await ask('GET', '/c/demo', { headers: { accept: 'text/html' } })
    return /<meta property="og:image" content="([^"]*)">/.exec(text)?.[1]
  }
  const env = { PUBLIC_URL: 'https://live.example.com', TRUSTED_PROXY_HOPS: '1' }
  expect(await pictureOf(env)).toBe('https://live.example.com/og.png')
  expect(await pictureOf({})).toBeUndefined()
  expect(readFileSync('client/src/app.html', 'utf8')).not.toContain('og:image')
})

test('[WEB-2] precompressed files are sent to clients that accept them, if they exist', async () => {
  const folder = await clientFolder()
  const script = '/_app/immutable/start.abc.js'
  await writeFile(join(folder, `${script}.br`), brotliCompressSync('export {}'))
  const { ask } = await start({ clientFolder: folder })
  const get = (encoding: string) =>
    ask('GET', script, { headers: { 'accept-encoding': encoding, accept: '*/*' } })
  const { headers } = await get('gzip, br')
  expect(headers).toMatchObject({
    'content-encoding': 'br',
    'content-type': 'text/javascript; charset=UTF-8',
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'Accept-Encoding',
  })
  expect((await get('identity')).headers['content-encoding']).toBeUndefined()
  await rm(join(folder, `${script}.br`))
  const gone = await get('br')
  expect(gone.status).toBe(404)
  expect(gone.headers['content-encoding']).toBeUndefined()
  expect(gone.text).toContain('not_found')
})

test('[WEB-2] only inline scripts with a known hash run', async () => {
  const { ask } = await start({ clientFolder: await clientFolder() })
  const [hash = ''] = hashesOf('<script>\nboot()\n</script>')
  expect(hash).toMatch(/^'sha256-[A-Za-z0-9+/]{43}='$/)
  const { headers } = await ask('GET', '/')
  expect(headers['content-security-policy']).toContain(`script-src 'self' ${hash};`)
})

test('[WEB-2] without built pages the server says what to do', async () => {
  const { ask } = await start({ clientFolder: '/nowhere' })
  const page = await ask('GET', '/', { headers: { accept: 'text/html' } })
  expect(page.status).toBe(503)
  expect(page.text).toContain('npm run build')
  expect(await ask('GET', '/api/v1/nothing')).toMatchObject({ status: 404 })
})
