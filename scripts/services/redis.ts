import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { isRunning, startServer, stateDir } from './run.ts'
import { inside, makeDataDir, portInSettings, type Tree, writeSettings } from './tree.ts'

const settings = (dir: string, port: number, password: string) => `
bind 127.0.0.1
port ${port}
requirepass ${password}
dir ${dir}
pidfile ${join(dir, 'redis.pid')}
# Only a wake-up goes through Redis: nothing in it is worth a disk.
save ""
appendonly no
`

export async function startRedis(tree: Tree, port: number, password: string) {
  makeDataDir(tree, 'redis')
  const dir = join(tree.innerDataDir, 'redis')
  writeSettings(tree, 'redis', 'redis.conf', settings(dir, port, password))
  const log = join(stateDir, 'redis.log')
  const command = inside(tree, 'redis', 'redis-server', join(tree.innerDataDir, 'redis.conf'))
  await startServer('Redis', log, command, () => answers(port, password))
}

export function findRedis(tree: Tree): { pid: number; port: number } | undefined {
  try {
    const pid = Number(readFileSync(join(tree.dataDir, 'redis/redis.pid'), 'utf8'))
    const port = portInSettings(tree, 'redis.conf')
    return isRunning(pid, 'redis-server') && port ? { pid, port } : undefined
  } catch {
    return undefined
  }
}

async function answers(port: number, password: string): Promise<boolean> {
  const redis = new Redis({ port, password, lazyConnect: true, retryStrategy: () => null })
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
