-- What stays of events that are kept no longer. Rows with an `until` count once `kept_since` has reached it: until
-- then they are being prepared, and nobody reads them.

-- Two marks, on whole weeks since 1970 as the chunks of the log are. They never go back, whatever a configuration says.
create table retention (
  only_row      boolean primary key default true check (only_row),
  -- An event from before is rejected.
  accepts_since timestamptz not null default '1970-01-01 00:00:00+00',
  -- What is older is no longer in `events` but in the tables below.
  kept_since    timestamptz not null default '1970-01-01 00:00:00+00',
  check (kept_since <= accepts_since)
);
insert into retention default values;

-- The sums of dropped events, as the aggregates of the same levels.
create table archive_1m (
  creator_id     text not null,
  session_id     text,
  type           text not null,
  product_id     text,
  channel        text,
  traffic_source text,
  bucket         timestamptz not null,
  rows           bigint not null,
  units          bigint not null,
  opening        bigint not null,
  money          bigint not null,
  diamonds       bigint not null,
  main_order     bigint not null,
  sku_order      bigint not null,
  live_first     bigint not null,
  day_first      bigint not null,
  ever_first     bigint not null,
  excluded       bigint not null,
  level          bigint,
  high           bigint
);
create table archive_15m (like archive_1m);
create table archive_1d (like archive_1m);
create index archive_1m_by_type on archive_1m (creator_id, type, bucket);
create index archive_15m_by_type on archive_15m (creator_id, type, bucket);
create index archive_1d_by_type on archive_1d (creator_id, type, bucket);

-- Each LIVE folded from its dropped events alone; `seq` is the greatest number among them.
create table frozen_lives (
  creator_id   text not null,
  session_id   text not null,
  until        timestamptz not null,
  seq          bigint not null,
  fold_version integer not null,
  state        json not null,
  primary key (creator_id, session_id, until)
);

-- The live state of a creator folded from all dropped events, and the greatest number among them.
create table log_bases (
  creator_id   text not null,
  until        timestamptz not null,
  fold_version integer not null,
  holes_until  bigint not null,
  state        json not null,
  -- By product: the number of the dropped event that reported its stock last.
  stock_seqs   json not null,
  primary key (creator_id, until)
);

-- Dropped events whose id and words are still to be forgotten, in portions.
create table dropped_ids (
  creator_id text not null,
  until      timestamptz not null,
  event_id   text not null,
  primary key (creator_id, until, event_id)
);
