import { expect, test } from 'vitest'
import { type Caller, isLocalOwner } from './local-owner.ts'

const port = 3000
const host = `localhost:${port}`

function caller(headers: Record<string, string>, rest: Partial<Caller> = {}): Caller {
  return { headers: { host, ...headers }, localPort: port, remoteAddress: '127.0.0.1', ...rest }
}

test.each([
  [
    'a page of this server',
    '127.0.0.1',
    { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' },
  ],
  ['an address typed in', '127.0.0.1', { 'sec-fetch-site': 'none' }],
  ['a command line', '127.0.0.1', {}],
  ['127.0.0.1', 'localhost', { host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}` }],
  ['[::1]', '::1', { host: `[::1]:${port}`, origin: `http://[::1]:${port}` }],
  ['capital letters', '127.0.0.1', { host: `LOCALHOST:${port}` }],
])('[ACCESS-3] %s on a loopback server is the local owner', (_, boundHost, headers) => {
  expect(isLocalOwner(boundHost, caller(headers))).toBe(true)
})

test('[ACCESS-3] on port 80 a browser leaves the port out', () => {
  const headers = { host: 'localhost', origin: 'http://localhost' }
  expect(isLocalOwner('127.0.0.1', caller(headers, { localPort: 80 }))).toBe(true)
  expect(isLocalOwner('127.0.0.1', caller(headers))).toBe(false)
})

test.each(['0.0.0.0', '::', '192.168.1.5', 'live.example.com', '128.0.0.1', '127.0.0.1.evil.com'])(
  '[ACCESS-3] a server bound to %s has no local owner',
  (boundHost) => {
    expect(isLocalOwner(boundHost, caller({}))).toBe(false)
  },
)

test.each<[string, Record<string, string>]>([
  ['a name that an attacker points at loopback', { host: `evil.example:${port}` }],
  ['another port', { host: 'localhost:8080' }],
  ['no port', { host: 'localhost' }],
  ['localhost as a subdomain', { host: `localhost.evil.example:${port}` }],
  ['an empty host', { host: '' }],
  ['a foreign page', { origin: 'https://evil.example' }],
  ['a sandboxed page', { origin: 'null' }],
  ['a page of another port', { origin: 'http://localhost:5173' }],
  ['a page by https', { origin: `https://${host}` }],
  ['a page of the other local name', { origin: `http://127.0.0.1:${port}` }],
  ['a cross-site request without Origin', { 'sec-fetch-site': 'cross-site' }],
  ['a same-site request', { 'sec-fetch-site': 'same-site' }],
  ['Forwarded', { forwarded: 'for=1.2.3.4' }],
  ['X-Forwarded-For', { 'x-forwarded-for': '1.2.3.4' }],
  ['X-Forwarded-Host', { 'x-forwarded-host': 'localhost' }],
  ['X-Forwarded-Proto', { 'x-forwarded-proto': 'https' }],
  ['Via', { via: '1.1 proxy' }],
  ['X-Real-IP', { 'x-real-ip': '1.2.3.4' }],
])('[ACCESS-3] %s is not the local owner', (_, headers) => {
  expect(isLocalOwner('127.0.0.1', caller(headers))).toBe(false)
})

test('[ACCESS-3] a connection from elsewhere is not the local owner', () => {
  expect(isLocalOwner('127.0.0.1', caller({}, { remoteAddress: '10.0.0.7' }))).toBe(false)
  expect(isLocalOwner('127.0.0.1', caller({}, { remoteAddress: undefined }))).toBe(false)
  expect(isLocalOwner('127.0.0.1', caller({}, { remoteAddress: '::ffff:127.0.0.1' }))).toBe(true)
})
