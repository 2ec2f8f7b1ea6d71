import { levels } from './aggregates.ts'
import type { Database, Queryable } from './database.ts'
import { sql } from './sql.ts'

// Only what the project created: nothing of an extension, and nothing specific to one edition.
const ownTables = sql`
  select c.oid, c.relname::text as name, c.relkind,
    c.relname = any(${levels.map(({ view }) => view)}::text[]) as is_aggregate
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
    and not exists (select from pg_depend d
                    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`

/** The schema as text, the same on every edition: the content of db/schema.snapshot.txt. */
export async function describeSchema(database: Database): Promise<string> {
  const lines = await database.query<{ relation: string; line: string }>(sql`
    with own as (${ownTables})
    select * from (
      select own.name as relation, 1 as part, '' as sort,
             case when own.is_aggregate then 'aggregate ' when own.relkind in ('v', 'm') then 'view ' else 'table ' end
             || own.name as line
      from own
      union all
      select own.name, 2, '', '  comment ' || d.description
      from own join pg_description d
        on d.classoid = 'pg_class'::regclass and d.objoid = own.oid and d.objsubid = 0
      union all
      select own.name, 3, to_char(a.attnum, 'FM0000'),
             '  ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
             || case when a.attnotnull then ' not null' else '' end
             || case when a.attidentity <> '' then ' identity' else '' end
             || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
      from own
      join pg_attribute a on a.attrelid = own.oid and a.attnum > 0 and not a.attisdropped
      left join pg_attrdef d on d.adrelid = own.oid and d.adnum = a.attnum
      union all
      -- Not-null constraints have names of their own from PostgreSQL 18 on; the columns tell them already.
      select own.name, 4, c.conname, '  constraint ' || c.conname || ' ' || pg_get_constraintdef(c.oid)
      from own join pg_constraint c on c.conrelid = own.oid and c.contype in ('c', 'f', 'p', 'u', 'x')
      union all
      select own.name, 5, i.relname, '  ' || pg_get_indexdef(x.indexrelid)
      from own join pg_index x on x.indrelid = own.oid join pg_class i on i.oid = x.indexrelid
      where not own.is_aggregate
        and not exists (select from pg_constraint c where c.conindid = x.indexrelid)
    ) description
    order by relation collate "C", part, sort collate "C"`)
  return `${lines.map(({ line }) => line).join('\n')}\n`
}

/** Every table with a `creator_id`, in order of deletion: a table comes before those it references. */
export async function tablesWithCreator(database: Queryable): Promise<string[]> {
  const rows = await database.query<{ name: string }>(sql`
    with recursive own as (
      select c.oid, quote_ident(c.relname) as name from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attname = 'creator_id' and not a.attisdropped
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    ), referred as (
      select oid, 0 as depth from own
      union all
      select f.conrelid, r.depth + 1 from referred r
      join pg_constraint f on f.contype = 'f' and f.confrelid = r.oid and f.conrelid <> r.oid
    ) cycle oid set is_cycle using path
    select name from own join referred using (oid)
    group by name order by max(depth) desc, name collate "C"`)
  return rows.map(({ name }) => name)
}
