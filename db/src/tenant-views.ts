import { createHash } from 'node:crypto'
import { levels } from './aggregates.ts'
import type { Queryable, TenantRead } from './database.ts'
import type { Tenant } from './tenant.ts'

/** The reading role: it owns nothing and has no grant on a table. */
export const TENANT_ROLE = 'creatorflow_tenant'
const SETTING = 'creatorflow.creator_id'

/** Comments by which a migration says what tenants read of its table; a table without one is readable by nobody. */
const OWN_ROWS = 'Tenants read their own rows \\((\\w+)\\)\\.'
const EVERY_ROW = 'Tenants read every row\\.'

/**
 * The statements that create the schema `tenant`: a view of the same name for each readable table, with one
 * creator's rows. Statements find them by the search path, so they run unchanged with and without. `after`:
 * what the views depend on; when it changes they are re-created.
 */
export function tenantViewsScript(after: readonly string[]): string {
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
do $$
declare
  own record;
  shared regclass;
begin
  for own in
    ${ownRows}
  loop
    -- A barrier: a condition of the caller's that could tell what it sees runs after this one.
    execute format(
      'create view tenant.%I with (security_barrier) as select * from public.%I where %I = current_setting(%L)',
      own.name, own.name, own.whose, '${SETTING}');
  end loop;
  for shared in
    select oid from pg_class
    where relnamespace = 'public'::regnamespace and obj_description(oid, 'pg_class') ~ '${EVERY_ROW}'
  loop
    execute format('grant select on %s to ${TENANT_ROLE}', shared);
  end loop;
end $$;
grant usage on schema tenant to ${TENANT_ROLE};
grant select on all tables in schema tenant to ${TENANT_ROLE};`
}

// The aggregates belong to no table, and their kind of relation depends on the edition.
const ownRows = `select relname as name, substring(obj_description(oid, 'pg_class') from '${OWN_ROWS}') as whose
    from pg_class
    where relnamespace = 'public'::regnamespace and obj_description(oid, 'pg_class') ~ '${OWN_ROWS}'
    union all select unnest(array['${levels.map(({ view }) => view).join("', '")}']), 'creator_id'`

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
