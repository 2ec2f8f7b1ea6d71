import { readFileSync, rmSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { makeFolderOfCopies } from '@creatorflow/db/testing'
import { Redis } from 'ioredis'
import type { TestProject } from 'vitest/node'
import { browserHint, findBrowser } from '../browser.ts'
import { envFile } from '../services/run.ts'
import {
  administer,
  type Backends,
  createTestDatabase,
  type DatabaseName,
  dropForgottenDatabases,
  hidesServices,
} from './backends.ts'
import { isLongRun } from './long-run.ts'
import { canMount } from './tmpfs.ts'

export default async function setup(project: TestProject) {
  const copies = makeFolderOfCopies()
  process.env.TEST_COPIES = copies
  const backends = await findBackends()
  // A test that starts a server must not reach the developer's own database.
  delete process.env.DATABASE_URL
  delete process.env.REDIS_URL
  project.provide('backends', backends)
  return () => rmSync(copies, { recursive: true, force: true })
}

async function findBackends(): Promise<Backends> {
  const started = readServices()
  const urls = hidesServices()
    ? { timescale: undefined, community: undefined, redis: undefined }
    : {
        timescale: process.env.TEST_DATABASE_URL || started.DATABASE_URL,
        community: process.env.TIMESCALE_COMMUNITY_URL,
        redis: process.env.TEST_REDIS_URL || started.REDIS_URL,
      }
  const backends: Backends = {
    databases: [{ name: 'embedded' }],
    buses: [{ name: 'in-process' }],
    canMount: canMount(),
    notRun: [],
  }
  const missing: string[] = []

  const editions = new Set<string>()
  for (const name of ['timescale', 'community'] as const) {
    const url = urls[name]
    if (!url || (name === 'community' && url === urls.timescale)) continue
    const found = await editionOf(url)
    if ('reason' in found)
      missing.push(`${label[name]} at ${withoutPassword(url)}: ${found.reason}; ${howTo[name]}`)
    else if (name === 'community' && found.edition !== 'timescale')
      missing.push(`${label[name]} at ${withoutPassword(url)}: its edition is ${found.edition}`)
    else {
      editions.add(found.edition)
      backends.databases.push({ name, url })
      await dropForgottenDatabases(url)
    }
  }
  if (editions.size === 0 && !urls.timescale) missing.push(`TimescaleDB: ${howTo.timescale}`)
  else if (!editions.has('timescale'))
    backends.notRun.push(`TimescaleDB Community: ${howTo.community}`)
  else if (!editions.has('apache'))
    backends.notRun.push('TimescaleDB Apache edition: set TEST_DATABASE_URL to one')

  if (!urls.redis) missing.push(`Redis: ${howTo.redis}`)
  else if (await redisAnswers(urls.redis)) backends.buses.push({ name: 'redis', url: urls.redis })
  else missing.push(`Redis at ${withoutPassword(urls.redis)}: no answer; ${howTo.redis}`)

  const browser = hidesServices() ? undefined : findBrowser()
  if (browser) backends.browser = browser
  else missing.push(`the browser tests: ${browserHint}`)

  if (missing.length > 0 && process.env.REQUIRE_BACKENDS === '1')
    throw new Error(`REQUIRE_BACKENDS=1, and not here:\n  ${missing.join('\n  ')}`)
  if (!backends.canMount) {
    backends.notRun.push('full and read-only disks: run the tests as a user who may mount a tmpfs')
  }
  backends.notRun.unshift(...missing)
  if (!isLongRun())
    backends.notRun.push('every test on every edition, and many random cases: npm run test:long')
  return backends
}

const howTo = {
  timescale: '`npm run services` starts one, TEST_DATABASE_URL names another',
  community: 'set TIMESCALE_COMMUNITY_URL',
  redis: '`npm run services` starts one, TEST_REDIS_URL names another',
}

const label: Record<Exclude<DatabaseName, 'embedded'>, string> = {
  timescale: 'TimescaleDB',
  community: 'TimescaleDB Community',
}

function readServices(): { DATABASE_URL?: string; REDIS_URL?: string } {
  try {
    return parseEnv(readFileSync(envFile, 'utf8'))
  } catch {
    return {}
  }
}

/** TimescaleDB's own word, available only with the extension: "apache" or "timescale" (Community). */
async function editionOf(url: string): Promise<{ edition: string } | { reason: string }> {
  try {
    await using scratch = await createTestDatabase(url)
    await administer(scratch.url, 'create extension if not exists timescaledb')
    const { rows } = await administer(scratch.url, 'show timescaledb.license')
    return { edition: rows[0]['timescaledb.license'] }
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) }
  }
}

async function redisAnswers(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  redis.on('error', () => {})
  try {
    await redis.connect()
    return (await redis.ping()) === 'PONG'
  } catch {
    return false
  } finally {
    redis.disconnect()
  }
}

function withoutPassword(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an address that is no URL'
}
