import { BlockList, isIP } from 'node:net'

// https://www.iana.org/assignments/iana-ipv4-special-registry, multicast and the reserved rest.
const special4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure's own services to a virtual machine: public by its number alone.
  ['168.63.129.16', 32],
] as const

// Only 2000::/3 is assigned to hosts of the internet. Outside of it are ::, ::1, IPv4-mapped and NAT64 addresses, fc00::/7,
// fe80::/10, fec0::/10 and multicast. Within it, these are special:
const special6 = [
  // Teredo, ORCHID, benchmarks.
  ['2001::', 23],
  ['2001:db8::', 32],
  // 6to4: the IPv4 address within may be private.
  ['2002::', 16],
  ['3fff::', 20],
] as const

const global6 = new BlockList()
global6.addSubnet('2000::', 3, 'ipv6')
const special = new BlockList()
for (const [net, prefix] of special4) special.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of special6) special.addSubnet(net, prefix, 'ipv6')

/** Whether an address is one of the public internet; anything that is no address is not. */
export function isPublicAddress(address: string): boolean {
  switch (familyOf(address)) {
    case 'ipv4':
      return !special.check(address, 'ipv4')
    case 'ipv6':
      return global6.check(address, 'ipv6') && !special.check(address, 'ipv6')
    default:
      return false
  }
}

/** Hosts that may be reached although they are not public, and without TLS. */
export interface AllowedHosts {
  /** A name that is listed itself, whatever it resolves to. */
  hasName(host: string): boolean
  hasAddress(address: string): boolean
  /** Whether a name may turn out to be listed once it is resolved. */
  readonly hasNetworks: boolean
}

/** Reads host names, addresses and networks such as `10.1.0.0/16`. Throws for anything else. */
export function allowedHostsOf(entries: readonly string[]): AllowedHosts {
  const names = new Set<string>()
  const networks = new BlockList()
  for (const entry of entries) {
    const [net = '', prefix, ...more] = entry.split('/')
    const family = familyOf(net)
    if (family && more.length === 0) {
      if (prefix === undefined) networks.addAddress(net, family)
      else networks.addSubnet(net, prefixOf(prefix, family), family)
    } else if (/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(entry)) {
      names.add(entry.toLowerCase())
    } else throw new Error(`${entry} is neither a host name nor an address or network`)
  }
  return {
    hasNetworks: networks.rules.length > 0,
    hasName: (host) => names.has(host.toLowerCase().replace(/\.$/, '')),
    hasAddress(address) {
      const family = familyOf(address)
      return family !== undefined && networks.check(address, family)
    },
  }
}

function prefixOf(text: string, family: 'ipv4' | 'ipv6'): number {
  const most = family === 'ipv4' ? 32 : 128
  const prefix = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
  if (prefix <= most) return prefix
  throw new Error(`/${text} is not a prefix length from 0 to ${most}`)
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  // One with a zone, such as fe80::1%eth0, belongs to a link.
  const version = address.includes('%') ? 0 : isIP(address)
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : undefined
}
