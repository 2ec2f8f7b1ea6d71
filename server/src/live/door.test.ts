import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { createTelemetry } from '../core/telemetry.ts'
import { createDoor } from './door.ts'

const limits = { maxSockets: 10, maxSocketsPerIp: 1, publicUrl: undefined, allowedOrigins: [] }

function from(forwarded: string): IncomingMessage {
  return {
    url: '/socket.io/',
    headers: { 'x-forwarded-for': forwarded },
    socket: { remoteAddress: '10.0.0.9' },
  } as unknown as IncomingMessage
}

test.each([
  [0, false],
  [1, true],
])(
  '[CONFIG-2] sockets behind %d trusted proxies are limited by the caller, not by the proxy',
  (trustedProxyHops, apart) => {
    const door = createDoor({ ...limits, trustedProxyHops }, createTelemetry())
    const connection = Object.assign(new EventEmitter(), { request: from('198.51.100.1') })
    door.count(connection)
    expect(door.admits(from('198.51.100.1'))).toBe(false)
    expect(door.admits(from('198.51.100.2'))).toBe(apart)
    connection.emit('close')
    expect(door.admits(from('198.51.100.1'))).toBe(true)
  },
)
