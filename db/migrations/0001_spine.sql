-- Everything the spine stands on: creators, the log with its dedupe keys and claims, the tail, access.
-- `events` becomes a hypertable on TimescaleDB (db/timescale/hypertable.sql); here it is a plain table.

-- One row: the identity of this database. A restore mints a new uuid, so that screens start afresh.
create table database_identity (
  only_row   boolean primary key default true check (only_row),
  id         uuid not null default gen_random_uuid()
);
insert into database_identity default values;

create table creators (
  id         text primary key check (id ~ '^[a-z0-9_-]{1,64}$'),
  name       text not null,
  time_zone  text not null,
  currency   text not null check (currency ~ '^[A-Z]{3}$'),
  locale     text not null default 'en',
  kind       text not null default 'real' check (kind in ('real', 'demo', 'replay')),
  created_at timestamptz not null default now()
);

-- The row every writer of a creator locks first. It outlives the creator, so a generation is never used twice.
create table counters (
  creator_id text primary key,
  seq        bigint not null default 0,
  generation integer not null default 1
);

-- Ids already counted. The key of a hypertable must contain time, so uniqueness of ids lives here.
create table event_ids (
  id_hash      bytea primary key,
  content_hash bytea not null,
  creator_id   text not null
);

-- What running totals and first sights have been seen; turns them into increments.
create table claims (
  creator_id text not null,
  kind       text not null,
  key        text not null,
  value      bigint not null default 0,
  ref        text,
  at         timestamptz,
  primary key (creator_id, kind, key)
);

create table lives (
  creator_id text not null,
  session_id text not null,
  started_at timestamptz not null,
  inferred   boolean not null,
  ended_at   timestamptz,
  last_at    timestamptz not null,
  primary key (creator_id, session_id)
);
create index lives_by_start on lives (creator_id, started_at desc);

-- Pins and unpins of a LIVE in order of time; an unpin has no product.
create table pin_marks (
  creator_id text not null,
  session_id text not null,
  at         timestamptz not null,
  id         text not null,
  product_id text,
  primary key (creator_id, session_id, at, id)
);

-- The log. Columns after `properties` are decided once, when the event is written.
create table events (
  creator_id      text not null,
  seq             bigint not null,
  ts              timestamptz not null,
  received_at     timestamptz not null,
  id              text not null,
  type            text not null,
  session_id      text,
  channel         text,
  traffic_source  text,
  order_id        text,
  product_id      text,
  sku_id          text,
  customer_id     text,
  video_id        text,
  pin_id          text,
  user_id         text,
  amount          bigint,
  currency        text,
  quantity        bigint,
  properties      jsonb,
  day             text not null,
  live_started_at timestamptz,
  opens_live      smallint not null default 0,
  attribution     text check (attribution in ('session', 'order', 'time')),
  units           bigint not null default 0,
  opening         bigint not null default 0,
  money           bigint not null default 0,
  diamonds        bigint not null default 0,
  main_order      smallint not null default 0,
  sku_order       smallint not null default 0,
  live_first      smallint not null default 0,
  day_first       smallint not null default 0,
  ever_first      smallint not null default 0,
  excluded        smallint not null default 0,
  level           bigint,
  high            bigint
);
create index events_by_creator on events (creator_id, ts desc);
create index events_by_live on events (creator_id, session_id, seq) where session_id is not null;
create index events_by_seq on events (creator_id, seq);

-- The newest part of the log, narrow, read by seq when a wake-up was lost. Its key is the alarm for a stale read.
create table tail (
  creator_id text not null,
  seq        bigint not null,
  written_at timestamptz not null default now(),
  event      json not null,
  primary key (creator_id, seq)
);
create index tail_by_age on tail (written_at);

create table checkpoints (
  creator_id   text not null,
  generation   integer not null,
  fold_version integer not null,
  seq          bigint not null,
  state        json not null,
  written_at   timestamptz not null default now(),
  primary key (creator_id, generation, fold_version, seq)
);

-- People and words, apart from the log, so that erasing a person never touches it.
create table people (
  creator_id text not null,
  user_id    text not null,
  handle     text,
  name       text,
  avatar     text,
  seen_at    timestamptz not null,
  primary key (creator_id, user_id)
);

create table comments (
  creator_id text not null,
  event_id   text not null,
  session_id text,
  user_id    text,
  ts         timestamptz not null,
  text       text not null,
  primary key (creator_id, event_id)
);

-- Events that failed inside, and what pushed sources sent wrong: kept to be looked at and replayed.
create table dead_letters (
  id          bigint generated always as identity primary key,
  creator_id  text,
  reason      text not null,
  event       jsonb not null,
  received_at timestamptz not null default now(),
  replayed_at timestamptz
);

create table api_keys (
  id           text primary key,
  secret_hash  bytea not null,
  name         text not null,
  creator_id   text,
  scopes       text[] not null,
  created_at   timestamptz not null default now(),
  last_used_at timestamptz,
  expires_at   timestamptz,
  revoked_at   timestamptz
);

-- Browser sessions, each bound to the API key it was opened with.
create table sign_ins (
  token_hash bytea primary key,
  key_id     text not null references api_keys (id) on delete cascade,
  created_at timestamptz not null default now(),
  seen_at    timestamptz not null default now(),
  expires_at timestamptz not null
);
