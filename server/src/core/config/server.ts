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
    'Outside `production`, every reply is checked against its contract before it is sent.',
  ),
  PORT: basic(variable(whole(0, 65_535), '3000', 'port', 'Port to listen on; 0 picks a free one.')),
  HOST: basic(
    variable(
      z.string().regex(/^[A-Za-z0-9.:_-]+$/, { error: 'must be a host name or an address' }),
      '127.0.0.1',
      'address',
      'Address to listen on. On loopback with the embedded database, no sign-in is needed: local users are the owner.',
    ),
  ),
  PUBLIC_URL: basic(
    optional(
      origin,
      'URL',
      'Public address of the server, if it’s behind a proxy or has a domain name.',
    ),
  ),
  DATA_DIR: basic(
    variable(z.string(), '.data', 'path', 'Folder for the embedded database and generated keys.'),
  ),
  DATABASE_URL: basic(
    optional(
      z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' }),
      'URL',
      'PostgreSQL 17 with TimescaleDB. If unset, the embedded database is used.',
    ),
  ),
  REDIS_URL: basic(
    optional(
      z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// address' }),
      'URL',
      'Redis 6.2 or later, to notify other nodes. If unset, run only one node.',
    ),
  ),
  ROLES: basic(
    variable(
      listOf(z.enum(roles)).refine((list) => list.length > 0, {
        error: 'must name at least one role',
      }),
      roles.join(','),
      'list',
      'Roles of this process: `pipeline`, `gateway`, `jobs`, separated by commas.',
    ),
  ),
  LOG_LEVEL: basic(variable(z.enum(logLevels), 'info', 'name', `One of ${logLevels.join(', ')}.`)),
  METRICS_TOKEN: basic(
    optional(
      z.string().min(16, { error: 'must have at least 16 characters' }),
      'text',
      'Bearer token for `/metrics`. If unset, metrics can be read only from this machine.',
    ),
  ),
  SHUTDOWN_TIMEOUT_MS: variable(
    wholeMs(0),
    '8000',
    'ms',
    'Time open requests have to finish at shutdown.',
  ),
  MIN_FREE_BYTES: variable(
    whole(0),
    '67108864',
    'bytes',
    'Free space on the disk of DATA_DIR below which events are refused with 507; 0 turns the check off.',
  ),
  EMBEDDED_TIMEOUT_MS: variable(
    wholeMs(1_000),
    '120000',
    'ms',
    'Maximum duration of a statement of the embedded database before its thread is restarted.',
  ),
}
