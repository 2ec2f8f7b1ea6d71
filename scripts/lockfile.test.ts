import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

interface LockedPackage {
  version?: string
  resolved?: string
  license?: string
  /** A workspace of this repository. */
  link?: boolean
}
interface Lock {
  packages: Record<string, LockedPackage>
}
const path = join(import.meta.dirname, '../package-lock.json')
const { packages } = JSON.parse(readFileSync(path, 'utf8')) as Lock
const installed = Object.entries(packages).map(
  ([location, { version, resolved, license, link }]) => ({
    name: location.slice(location.lastIndexOf('node_modules/') + 'node_modules/'.length),
    inNodeModules: location.includes('node_modules/'),
    version,
    resolved,
    license,
    isOurs: link === true,
  }),
)

/** The oldest release without a known hole; the reason is what an older one lets in. */
const floors = [
  { name: 'ws', floor: '8.23.0', reason: 'CVE-2026-45736, CVE-2026-48779, ping floods' },
  { name: 'engine.io', floor: '6.6.10', reason: 'CVE-2026-59725, protocol mismatch' },
  { name: 'socket.io-parser', floor: '4.2.7', reason: 'CVE-2026-33151, CVE-2026-69185' },
  { name: 'socket.io', floor: '4.8.4', reason: 'null-prototype query and auth, ack leak' },
  { name: 'express', floor: '5.2.1', reason: 'CVE-2026-2391' },
  { name: 'qs', floor: '6.16.0', reason: 'CVE-2026-82417, CVE-2026-82562' },
  { name: 'body-parser', floor: '2.2.1', reason: 'CVE-2025-13466' },
  { name: 'path-to-regexp', floor: '8.4.0', reason: 'CVE-2026-4867, CVE-2026-4923, CVE-2026-4926' },
  { name: 'svelte', floor: '5.55.7', reason: 'XSS through spread attributes and promises' },
  {
    name: '@sveltejs/kit',
    floor: '3.0.0',
    reason: 'cross-talk of batched queries, BODY_SIZE_LIMIT',
  },
  { name: 'devalue', floor: '5.8.1', reason: 'denial of service by sparse arrays' },
  { name: 'vite', floor: '8.0.16', reason: 'CVE-2026-39363, CVE-2026-39364, CVE-2026-53571' },
]

/** Without a duty for whoever runs the product; MPL is one for who changes the package's own files. */
const licences = [
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'MPL-2.0',
  'OFL-1.1',
]
/** Packages that state theirs in a file alone, as read there. */
const statedElsewhere: Readonly<Record<string, string>> = { 'xmlhttprequest-ssl': 'MIT' }

describe('package-lock.json', () => {
  test.each(floors)('[SEC-1] every $name is at least $floor', ({ name, floor, reason }) => {
    const versions = installed.flatMap((entry) =>
      entry.name === name && entry.inNodeModules ? [entry.version ?? '0.0.0'] : [],
    )
    expect(versions, `${name} is no longer installed: drop its floor`).not.toEqual([])
    for (const version of versions)
      expect(isAtLeast(version, floor), `${name} ${version} (${reason})`).toBe(true)
  })

  test('[SEC-2] every dependency may be run and changed by anybody', () => {
    const others = installed.filter(({ name, license, inNodeModules, isOurs }) => {
      const stated = license ?? statedElsewhere[name]
      const isFree = stated?.split(' OR ').some((one) => licences.includes(one))
      return inNodeModules && !isOurs && !isFree
    })
    expect(others.map(({ name, version, license }) => ({ name, version, license }))).toEqual([])
    for (const name of Object.keys(statedElsewhere)) {
      expect(installed.find((one) => one.name === name)?.license, name).toBeUndefined()
    }
  })

  test('[SEC-1] names no download address, so that any mirror serves it', () => {
    expect(installed.filter(({ resolved }) => resolved?.includes('://'))).toEqual([])
  })
})

test('versions compare by number, not by letter', () => {
  expect(isAtLeast('8.23.0', '8.23.0')).toBe(true)
  expect(isAtLeast('8.100.0', '8.23.0')).toBe(true)
  expect(isAtLeast('8.9.9', '8.23.0')).toBe(false)
  expect(isAtLeast('8.23.0-beta.1', '8.23.0')).toBe(false)
})

function isAtLeast(version: string, floor: string): boolean {
  // A pre-release comes before its release.
  if (version.startsWith(`${floor}-`)) return false
  return version.localeCompare(floor, 'en', { numeric: true }) >= 0
}
