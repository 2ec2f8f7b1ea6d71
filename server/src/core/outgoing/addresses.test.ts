import { describe, expect, test } from 'vitest'
import { allowedHostsOf, isPublicAddress } from './addresses.ts'

const inside = {
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  unspecified: ['0.0.0.0', '0.1.2.3', '::'],
  private: ['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.255', '100.100.100.200'],
  'link-local': ['169.254.0.1', '169.254.169.254', 'fe80::1', 'febf::1', 'fe80::1%eth0'],
  'unique local': ['fc00::1', 'fd00:ec2::254', 'fdff::1'],
  'site-local': ['fec0::1'],
  'IPv4-mapped': ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::ffff:8.8.8.8'],
  'IPv4-compatible': ['::127.0.0.1', '::a00:1'],
  'IPv4-translated': ['::ffff:0:127.0.0.1'],
  NAT64: ['64:ff9b::7f00:1', '64:ff9b::10.0.0.1', '64:ff9b:1::a00:1'],
  '6to4': ['2002:7f00:1::', '2002:a00:1::1', '2002:c0a8:101::1'],
  Teredo: ['2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
  'benchmarks and protocols': [
    '198.18.0.1',
    '198.19.255.255',
    '192.0.0.192',
    '2001:2::1',
    '5f00::1',
  ],
  '6to4 relays': ['192.88.99.1'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1', 'ff0e::1'],
  'reserved and broadcast': ['240.0.0.1', '255.255.255.255'],
  discard: ['100::1'],
  'a cloud’s own services': ['168.63.129.16'],
  'no address': ['', 'localhost', '127.1', '0x7f000001', '2130706433', '1.2.3.4.5', 'fe80::zz'],
}
const outside = [
  '1.1.1.1',
  '8.8.8.8',
  '100.63.255.255',
  '100.128.0.1',
  '172.15.0.1',
  '172.32.0.1',
  '169.253.1.1',
  '192.0.1.1',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001:80b::200e',
]

describe('addresses', () => {
  test.each(Object.entries(inside))('[NOTIFY-1] %s is not public', (_, addresses) => {
    for (const address of addresses) expect(isPublicAddress(address), address).toBe(false)
  })

  test.each(outside)('[NOTIFY-1] %s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  test('[NOTIFY-1] an operator lists names, addresses and networks', () => {
    const allowed = allowedHostsOf([
      'Mattermost.internal',
      '10.1.0.0/16',
      '192.168.7.7',
      'fd00::/8',
    ])
    expect(allowed.hasName('mattermost.INTERNAL.')).toBe(true)
    expect(allowed.hasName('x.mattermost.internal')).toBe(false)
    const reached = ['10.1.2.3', '192.168.7.7', 'fd12::1', '::ffff:10.1.2.3']
    for (const address of reached) expect(allowed.hasAddress(address), address).toBe(true)
    const not = ['10.2.0.1', '192.168.7.8', 'fe80::1', '127.0.0.1', 'mattermost.internal']
    for (const address of not) expect(allowed.hasAddress(address), address).toBe(false)
  })

  test.each(['10.0.0.0/33', '10.0.0.0/x', '::/129', 'a b', 'http://x', '*', '10.0.0.0/8/8', '-x'])(
    '[NOTIFY-1] %j cannot be listed',
    (entry) => {
      expect(() => allowedHostsOf([entry])).toThrow(/is neither|prefix/)
    },
  )
})
