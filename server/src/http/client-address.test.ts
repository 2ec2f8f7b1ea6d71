import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { clientAddress } from './client-address.ts'

test.each([
  [0, undefined, '10.0.0.9'],
  [0, '1.1.1.1', '10.0.0.9'],
  [1, '1.1.1.1', '1.1.1.1'],
  [1, 'forged, 1.1.1.1', '1.1.1.1'],
  [2, 'forged, 1.1.1.1, 2.2.2.2', '1.1.1.1'],
  [2, '1.1.1.1', '1.1.1.1'],
  [1, undefined, '10.0.0.9'],
])('[CONFIG-2] behind %d trusted proxies, X-Forwarded-For %j is %s', (hops, header, expected) => {
  const request = {
    headers: { 'x-forwarded-for': header },
    socket: { remoteAddress: '10.0.0.9' },
  } as unknown as Pick<IncomingMessage, 'headers' | 'socket'>
  expect(clientAddress(request, hops)).toBe(expected)
})
