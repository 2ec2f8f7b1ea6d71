import { z } from 'zod'
import { logLevels } from '../log.ts'
import { basic, listOf, optional, origin, variable, whole, wholeMs } from './variable.ts'

export const roles = ['pipeline', 'gateway', 'jobs'] as const
export type Role = (typeof roles)[number]

/** What the process is and where it runs. */
export const serverVariables = {
  NODE_ENV: variable(
    z.enum(['production', 'development', 'test']),
    'development',
    'name',
    'Outside `production` every reply is checked against its contract before it is sent.',
  ),
  PORT: basic(
    variable(whole(0, 65_535), '3000', 'port', 'Port to listen on; 0 takes any free one.'),
  ),
  HOST: basic(
    variable(
      z.string().regex(/^[A-Za-z0-9.:_-]+$/, { error: 'must be a host name or an address' }),
      '127.0.0.1',
      'address',
      'Address to listen on. On loopback, with the embedded database, whoever is at the machine is its owner.',
    ),
  ),
  PUBLIC_URL: basic(
    optional(
      origin,
      'URL',
      'Where browsers reach the server, when it stands behind a proxy or a name.',
    ),
  ),
  DATA_DIR: basic(
    variable(z.string(), '.data', 'path', 'Folder of the embedded database and of generated keys.'),
  ),
  DATABASE_URL: basic(
    optional(
      z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' }),
      'URL',
      'PostgreSQL 17 with TimescaleDB; without it the embedded database is used.',
    ),
  ),
  REDIS_URL: basic(
    optional(
      z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// address' }),
      'URL',
      'Redis 6.2 or later, to wake other nodes; without it the server stands alone.',
    ),
  ),
  ROLES: basic(
    variable(
      listOf(z.enum(roles)).refine((list) => list.length > 0, { error: 'names no role' }),
      roles.join(','),
      'list',
      'What this process does: `pipeline`, `gateway`, `jobs`, or several, separated by commas.',
    ),
  ),
  LOG_LEVEL: basic(variable(z.enum(logLevels), 'info', 'name', `One of ${logLevels.join(', ')}.`)),
  METRICS_TOKEN: basic(
    optional(
      z.string().min(16, { error: 'must have 16 characters or more' }),
      'text',
      'Bearer token that `/metrics` asks for; without it only this machine may read metrics.',
    ),
  ),
  SHUTDOWN_TIMEOUT_MS: variable(
    wholeMs(0),
    '8000',
    'ms',
    'Time that open requests have to finish after the process was told to end.',
  ),
  MIN_FREE_BYTES: variable(
    whole(0),
    '67108864',
    'bytes',
    'Free space on the disk of DATA_DIR below which events are answered 507; 0 turns the check off.',
  ),
  EMBEDDED_TIMEOUT_MS: variable(
    wholeMs(1_000),
    '120000',
    'ms',
    'Longest that one statement of the embedded database may take before its thread is replaced.',
  ),
}
