import { createHash } from 'node:crypto'
import { levels } from './aggregates.ts'
import type { Queryable, TenantRead } from './database.ts'
import type { Tenant } from './tenant.ts'

/** The role that reads for somebody: it owns nothing and has no grant on a table. */
export const TENANT_ROLE = 'creatorflow_tenant'
const SETTING = 'creatorflow.creator_id'

/** Column that says whose a row is. What is missing here is read for nobody. */
const ownRows: Readonly<Record<string, 'creator_id' | 'id'>> = {
  creators: 'id',
  counters: 'creator_id',
  events: 'creator_id',
  tail: 'creator_id',
  checkpoints: 'creator_id',
  claims: 'creator_id',
  people_days: 'creator_id',
  lives: 'creator_id',
  resettle: 'creator_id',
  dirty: 'creator_id',
  usage: 'creator_id',
  sources: 'creator_id',
  dead_letters: 'creator_id',
  dead_letters_lost: 'creator_id',
  people: 'creator_id',
  comments: 'creator_id',
  goals: 'creator_id',
  frozen_lives: 'creator_id',
  log_bases: 'creator_id',
  ...Object.fromEntries(
    levels
      .flatMap(({ view, archive }) => [view, archive])
      .map((name) => [name, 'creator_id' as const]),
  ),
}

/** What is nobody's, and is needed to read what is somebody's. */
const sharedRows = ['database_identity', 'materialized', 'retention']

/**
 * The statements that make the schema `tenant`: a view of the same name for each table, of one creator's rows.
 * Statements find them by the search path, and so run unchanged with and without. `after`: what the views are
 * made over; when it changes they are made again.
 */
export function tenantViewsScript(after: readonly string[]): string {
  const views = Object.entries(ownRows).map(
    // A barrier: a condition of the caller's that could tell what it sees runs after this one.
    ([table, column]) => `create view tenant.${table} with (security_barrier) as
  select * from ${table} where ${column} = current_setting('${SETTING}');`,
  )
  return `-- over ${createHash('sha256').update(after.join('\n')).digest('hex')}
do $$ begin
  create role ${TENANT_ROLE} nologin;
exception
  when duplicate_object or unique_violation then null; -- roles are of the whole server
  when insufficient_privilege then
    raise exception 'The role ${TENANT_ROLE} is missing, and this user may not create it'
      using hint = 'As an administrator: create role ${TENANT_ROLE} nologin; grant ${TENANT_ROLE} to ' || current_user;
end $$;
do $$ begin
  if not pg_has_role(current_user, '${TENANT_ROLE}', 'set') then
    execute format('grant ${TENANT_ROLE} to %I with set true', current_user);
  end if;
end $$;
drop schema if exists tenant cascade;
create schema tenant;
${views.join('\n')}
grant usage on schema tenant to ${TENANT_ROLE};
grant select on all tables in schema tenant to ${TENANT_ROLE};
grant select on ${sharedRows.join(', ')} to ${TENANT_ROLE};`
}

/** Begins the transaction that `Database.readAs` lends: several statements, one round trip. */
export function beginAs({ creatorId }: Tenant): string {
  const quoted = `'${creatorId.replaceAll("'", "''")}'`
  return `begin isolation level repeatable read read only;
    select set_config('${SETTING}', ${quoted}, true),
      set_config('search_path', 'tenant, ' || current_setting('search_path'), true);
    set local role ${TENANT_ROLE}`
}

/** The handle for a transaction that `beginAs` began. Safe there, and only there. */
export function asTenantRead({ query }: Queryable): TenantRead {
  return { query } as TenantRead
}
