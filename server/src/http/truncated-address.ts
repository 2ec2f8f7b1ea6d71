import { isIPv6 } from 'node:net'

/** The network of an address: enough to distinguish attackers, too little to identify a household. */
export function truncatedAddress(address: string | undefined): string | undefined {
  if (address === undefined || address === '') return undefined
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+)\.\d+$/i.exec(address)?.[1]
  if (v4 !== undefined) return `${v4}.0/24`
  if (!isIPv6(address)) return undefined
  const [head = ''] = address.split('::')
  const groups = head.split(':').filter(Boolean).slice(0, 3)
  while (groups.length < 3) groups.push('0')
  return `${groups.join(':')}::/48`
}
