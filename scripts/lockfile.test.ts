import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

interface LockedPackage {
  version?: string
  resolved?: string
  license?: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
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

/** The oldest release without a known vulnerability; the reason is what an older one allows. */
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

/** Without obligations for operators; MPL has one only for those who change the package's own files. */
const licences = [
  'BlueOak-1.0.0',
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'MPL-2.0',
  'OFL-1.1',
  'Python-2.0',
]
/** Exactly these: every later release has terms that forbid this product. */
const pinned = [
  { name: 'tiktok-live-connector', version: '2.4.0', licence: 'MIT' },
  { name: 'tiktok-live-api-sdk', version: '0.4.0-beta1', licence: 'MIT' },
  { name: 'tiktok-live-proto', version: '0.2.3', licence: 'MIT' },
]

/** Packages that state their license only in a file, as read there. */
const statedElsewhere: Readonly<Record<string, string>> = {
  'xmlhttprequest-ssl': 'MIT',
  '@inlang/plugin-message-format': 'MIT',
  'sqlite-wasm-kysely': 'MIT',
}

describe('package-lock.json', () => {
  test.each(floors)('[REPO-3] every $name is at least $floor', ({ name, floor, reason }) => {
    const versions = installed.flatMap((entry) =>
      entry.name === name && entry.inNodeModules ? [entry.version ?? '0.0.0'] : [],
    )
    expect(versions, `${name} is no longer installed: drop its floor`).not.toEqual([])
    for (const version of versions)
      expect(isAtLeast(version, floor), `${name} ${version} (${reason})`).toBe(true)
  })

  test("[REPO-3] every dependency's license lets anybody run and change it", () => {
    const others = installed.filter(
      ({ name, license, inNodeModules, isOurs }) =>
        inNodeModules && !isOurs && !isFree(license ?? statedElsewhere[name] ?? ''),
    )
    expect(others.map(({ name, version, license }) => ({ name, version, license }))).toEqual([])
    for (const name of Object.keys(statedElsewhere)) {
      expect(installed.find((one) => one.name === name)?.license, name).toBeUndefined()
    }
  })

  test.each(pinned)(
    '[REPO-3] $name is exactly $version, under $licence',
    ({ name, version, licence }) => {
      const found = installed.filter((entry) => entry.name === name)
      expect(found.map((entry) => [entry.version, entry.license])).toEqual([[version, licence]])
      expect(asked(name)).toEqual([version])
    },
  )

  test("[REPO-3] the licenses of the TikTok LIVE client's dependencies let anybody run and change them", () => {
    const brought = broughtBy('tiktok-live-connector')
    expect(brought).toContain('tiktok-live-proto')
    expect(brought).toContain('got')
    const licencesOf = brought.map((name) => [
      name,
      ...installed.flatMap((entry) => (entry.name === name ? (entry.license ?? 'none') : [])),
    ])
    expect(licencesOf.filter(([, ...stated]) => !stated.every(isFree))).toEqual([])
  })

  test('[REPO-3] has no download addresses, so any mirror works', () => {
    expect(installed.filter(({ resolved }) => resolved?.includes('://'))).toEqual([])
  })
})

test.each([
  ['MIT', true],
  ['(MIT OR CC0-1.0)', true],
  ['(Apache-2.0 AND BSD-3-Clause)', true],
  ['AGPL-3.0', false],
  ['AGPL-3.0 OR MIT', true],
  ['(MIT AND AGPL-3.0)', false],
  ['SEE LICENSE IN LICENSE', false],
  ['', false],
])('a licence %j is free: %s', (stated, expected) => {
  expect(isFree(stated)).toBe(expected)
})

test('versions compare as numbers, not as text', () => {
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

/** Whether one of the choices consists only of licenses we accept. */
function isFree(stated: string): boolean {
  const choices = stated.replaceAll(/[()]/g, '').split(' OR ')
  return choices.some((choice) => choice.split(' AND ').every((one) => licences.includes(one)))
}

/** What our workspaces require of a package. */
function asked(name: string): string[] {
  return Object.entries(packages).flatMap(
    ([location, { dependencies = {}, devDependencies = {} }]) =>
      location.includes('node_modules/') ? [] : (dependencies[name] ?? devDependencies[name] ?? []),
  )
}

/** Every package installed because of one, itself included. */
function broughtBy(name: string, found: string[] = []): string[] {
  if (found.includes(name)) return found
  found.push(name)
  for (const [location, { dependencies = {}, optionalDependencies = {} }] of Object.entries(
    packages,
  )) {
    if (!location.endsWith(`node_modules/${name}`)) continue
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies }))
      broughtBy(next, found)
  }
  return found
}
