import { answers, repository, run, runWithProgress } from './run.ts'

const services = ['timescaledb', 'redis']
const compose = ['compose', '--project-directory', repository]

export function hasEngine(): boolean {
  return answers('docker', 'info') && answers('docker', 'compose', 'version')
}

export async function composeUp() {
  await runWithProgress('docker compose up', 'docker', [
    ...compose,
    'up',
    '-d',
    '--wait',
    ...services,
  ])
  return {
    // Tests create databases, which takes the superuser.
    DATABASE_URL: `postgres://postgres:${secret('superuser')}@${publishedAt('timescaledb', 5432)}/creatorflow`,
    REDIS_URL: `redis://:${secret('redis')}@${publishedAt('redis', 6379)}`,
  }
}

export function composeStop() {
  run('docker', ...compose, 'stop', ...services)
}

export function composeStatus(): string {
  return run('docker', ...compose, 'ps', ...services)
}

function publishedAt(service: string, port: number): string {
  return run('docker', ...compose, 'port', service, String(port)).trim()
}

const secret = (name: string): string =>
  run('docker', ...compose, 'exec', '-T', 'timescaledb', 'cat', `/secrets/${name}`).trim()
