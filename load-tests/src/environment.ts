import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const repository = join(import.meta.dirname, '../..')
export const serverMain = join(repository, 'server/src/main.ts')

/** Node options as `npm start` sets them: what is measured is what runs. */
export function startOptions(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    scripts: { start: string }
  }
  return scripts.start.split(' ').filter((word) => word.startsWith('--'))
}

/** The services to measure with; the report names missing ones. */
export interface Services {
  readonly databaseUrl: string | undefined
  readonly redisUrl: string | undefined
}

/** Addresses from the environment, else those that `npm run services` saved. */
export function findServices(): Services {
  // biome-ignore lint/style/noProcessEnv: the only place of the load tests that reads it.
  const env = { ...servicesFile(), ...process.env }
  return { databaseUrl: env.DATABASE_URL || undefined, redisUrl: env.REDIS_URL || undefined }
}

/** What a server process needs of the environment besides its own variables. */
export function baseEnvironment(): Record<string, string> {
  // biome-ignore lint/style/noProcessEnv: only PATH and the folder for temporary files are handed on.
  const { PATH = '', TMPDIR } = process.env
  return { PATH, ...(TMPDIR && { TMPDIR }) }
}

function servicesFile(): Record<string, string> {
  const file = join(repository, '.services/env')
  if (!existsSync(file)) return {}
  const lines = readFileSync(file, 'utf8').split('\n')
  return Object.fromEntries(
    lines.flatMap((line) => {
      const at = line.indexOf('=')
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : []
    }),
  )
}
