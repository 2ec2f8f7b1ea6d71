import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { allowedHostsOf } from './addresses.ts'
import { createOutgoing, type OutgoingOptions } from './outgoing.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function listen(answer: RequestListener): Promise<{ port: number; connections(): number }> {
  const server = createServer(answer)
  let connections = 0
  server.on('connection', () => connections++)
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, connections: () => connections }
}

const client = (allowed: readonly string[] = [], options: Partial<OutgoingOptions> = {}) =>
  createOutgoing({ allowed: allowedHostsOf(allowed), timeoutMs: 3_000, ...options })
const post = (
  url: string,
  allowed: readonly string[] = [],
  options: Partial<OutgoingOptions> = {},
) => client(allowed, options).post({ url, body: '{}' })
const resolved = (...answers: string[][]) => {
  const asked: string[] = []
  const resolve = async (host: string) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? []
    asked.push(host)
    return answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  }
  return { asked, resolve }
}

describe('requests to addresses that people entered', () => {
  test.each([
    'https://127.0.0.1/x',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://0/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.0.0.1:8443/',
    'https://localhost/',
    'https://localhost./',
    'https://x.localhost/',
    'https://１２７.0.0.1/',
  ])('[NOTIFY-1] %s is refused as it is written', async (url) => {
    expect(client().refusal(url)).toContain('not public')
    expect(await post(url)).toMatchObject({ ok: false, problem: 'forbidden' })
  })

  test.each([
    ['file:///etc/passwd', 'https://'],
    ['ftp://example.com/', 'https://'],
    ['gopher://example.com/', 'https://'],
    ['nonsense', 'https://'],
    ['https://user@example.com/', 'user name or password'],
    ['https://user:secret@example.com/', 'user name or password'],
    [`https://example.com/${'x'.repeat(2_000)}`, '2000 characters'],
    ['http://1.1.1.1/', 'https://'],
    ['http://example.com/', 'https://'],
  ])('[NOTIFY-1] %s is refused in words', (url, words) => {
    expect(client().refusal(url)).toContain(words)
  })

  test.each([
    '10.0.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
  ])('[NOTIFY-1] a name that resolves to %s is refused', async (address) => {
    const { resolve } = resolved([address])
    const answer = await post('https://rebind.example.com/', [], { resolve })
    expect(answer).toMatchObject({ ok: false, problem: 'forbidden' })
  })

  test('[NOTIFY-1] the connection goes to the address that was checked: a second answer is never asked for', async () => {
    const { port, connections } = await listen((_, response) => response.end('inside'))
    const { asked, resolve } = resolved(['192.0.2.1'], ['127.0.0.1'])
    // The first answer is allowed here and leads nowhere; the second one would lead inside.
    const url = `https://rebind.example.com:${port}/`
    const answer = await post(url, ['192.0.2.0/24'], { resolve, timeoutMs: 300 })
    expect(answer.ok).toBe(false)
    expect(asked).toEqual(['rebind.example.com'])
    expect(connections()).toBe(0)
    // The other way round: what is checked first is refused, and that is the end.
    const again = resolved(['127.0.0.1'], ['1.1.1.1'])
    expect(await post(url, [], again)).toMatchObject({ problem: 'forbidden' })
    expect(again.asked).toHaveLength(1)
    expect(connections()).toBe(0)
  })

  test('[NOTIFY-1] of several addresses only public ones are tried', async () => {
    const { port } = await listen((_, response) => response.end('inside'))
    const { resolve } = resolved(['10.0.0.1', '127.0.0.1'])
    const url = `http://mixed.example.com:${port}/`
    expect(await post(url, ['127.0.0.1'], { resolve })).toMatchObject({ ok: true, body: 'inside' })
  })

  test('[NOTIFY-1] a redirect is an answer, and is not followed', async () => {
    const secret = await listen((_, response) => response.end('inside'))
    const { port } = await listen((_, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${secret.port}/` }).end(),
    )
    expect(await post(`http://127.0.0.1:${port}/`, ['127.0.0.1'])).toMatchObject({
      ok: true,
      status: 307,
    })
    expect(secret.connections()).toBe(0)
  })

  test('[NOTIFY-1] a listed host is reached without TLS, by name, address and network', async () => {
    const { port } = await listen(async (request, response) => {
      response.end(`${request.method} ${request.headers.host} ${await text(request)}`)
    })
    const { resolve } = resolved(['127.0.0.1'])
    for (const [host, allowed] of [
      ['127.0.0.1', '127.0.0.1'],
      ['127.0.0.1', '127.0.0.0/8'],
      ['chat.internal', 'chat.internal'],
      ['chat.internal', '127.0.0.0/8'],
    ] as const) {
      const answer = await post(`http://${host}:${port}/`, [allowed], { resolve })
      expect(answer, `${host} by ${allowed}`).toMatchObject({
        ok: true,
        body: `POST ${host}:${port} {}`,
      })
    }
    const foreign = await post(`http://other.internal:${port}/`, ['chat.internal'], { resolve })
    expect(foreign).toMatchObject({ ok: false, problem: 'forbidden' })
  })

  test('[NOTIFY-1] who does not answer, answers half, or whose name hangs costs the timeout only', async () => {
    const silent = await listen(() => {})
    const half = await listen((_, response) => {
      response.writeHead(200).write('x')
    })
    for (const { port } of [silent, half]) {
      const answer = await post(`http://127.0.0.1:${port}/`, ['127.0.0.1'], { timeoutMs: 200 })
      expect(answer).toMatchObject({ ok: false, problem: 'timeout' })
    }
    const hanging = { resolve: () => new Promise<never>(() => {}), timeoutMs: 200 }
    expect(await post('https://slow.example.com/', [], hanging)).toMatchObject({
      problem: 'timeout',
    })
  })

  test('[NOTIFY-1] of a body without an end only the beginning is read', async () => {
    let open = true
    const { port } = await listen((request, response) => {
      request.resume()
      const more = () => {
        while (open && response.write('x'.repeat(10_000)));
        if (open) response.once('drain', more)
      }
      response.once('close', () => {
        open = false
      })
      more()
    })
    const answer = await post(`http://127.0.0.1:${port}/`, ['127.0.0.1'])
    expect(answer.ok && answer.body.length).toBe(16_384)
    await expect.poll(() => open).toBe(false)
  })

  test('[NOTIFY-1] failures are said in words', async () => {
    const { port } = await listen((request) => request.socket.destroy())
    expect(await post(`http://127.0.0.1:${port}/`, ['127.0.0.1'])).toEqual({
      ok: false,
      problem: 'unreachable',
      text: 'The connection failed (ECONNRESET).',
    })
    expect(await post('http://127.0.0.1:9/', ['127.0.0.1'])).toMatchObject({
      text: 'Nothing accepts connections at this address.',
    })
    const missing = Object.assign(new Error('none'), { code: 'ENOTFOUND' })
    const resolve = () => Promise.reject(missing)
    expect(await post('https://gone.example.com/', [], { resolve })).toMatchObject({
      problem: 'unreachable',
      text: 'The host name was not found.',
    })
  })
})
