-- What exact history stands on: buckets that their aggregate may not know yet, how far each level of
-- aggregates reaches, and who does a recurring job. Editions without materialised aggregates leave the first two empty.

-- Greater with each late event, and never used twice: a row that went and came back is another one.
create sequence dirty_version;

-- Minutes that got a late event. By minute, because what is read instead of the aggregate is the log itself.
create table dirty (
  creator_id text not null,
  bucket     timestamptz not null,
  version    bigint not null default nextval('dirty_version'),
  primary key (creator_id, bucket)
);
create index dirty_by_bucket on dirty (bucket);

-- Before `until` the aggregates of a level were compared with what they sum, and were equal.
create table materialized (
  level text primary key check (level in ('1m', '15m', '1d')),
  until timestamptz not null
);

-- One holder at a time does what the name says.
create table leases (
  name       text primary key,
  holder     uuid not null,
  expires_at timestamptz not null
);
