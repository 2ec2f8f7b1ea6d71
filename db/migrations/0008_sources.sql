-- Where creators sell and stream: connections, what was delivered to us, and what nobody could understand.

create table sources (
  id              uuid primary key default gen_random_uuid(),
  creator_id      text not null,
  kind            text not null check (kind in ('tiktok_live', 'tiktok_shop', 'shopify')),
  -- What it is called over there: a handle, the id of a shop, the domain of a shop.
  account         text not null,
  name            text not null,
  enabled         boolean not null default true,
  -- What a person entered that is no secret.
  settings        jsonb not null default '{}',
  -- Raised with each change by a person: whoever holds the connection begins anew.
  version         integer not null default 1,
  -- How far a source was read, and what else must survive its connection.
  cursor          jsonb not null default '{}',
  created_at      timestamptz not null default now(),
  -- How it does, as whoever holds the connection saw it last.
  state           text not null default 'starting',
  state_since     timestamptz not null default now(),
  problem         text,
  problem_detail  text,
  problem_at      timestamptz,
  retry_at        timestamptz,
  messages        bigint not null default 0,
  messages_per_s  double precision not null default 0,
  events          bigint not null default 0,
  set_aside       bigint not null default 0,
  -- Messages of kinds that we do not know, by name.
  unknown         jsonb not null default '{}',
  last_message_at timestamptz,
  -- The time of the newest event, by the clock over there.
  last_event_at   timestamptz,
  -- From the newest event until it arrived here.
  lag_ms          bigint,
  seen_at         timestamptz,
  unique (creator_id, kind, account)
);
-- A delivery has to find its creator, so a shop has one; a LIVE may be watched for several.
create unique index sources_of_shops on sources (kind, account) where kind <> 'tiktok_live';

-- Sealed, and apart, so that nothing that lists sources can hand them out.
create table source_secrets (
  source_id uuid primary key references sources (id) on delete cascade,
  sealed    bytea not null
);

-- What was delivered to us and is durable before it is answered. Its body goes once it is done; its id stays for a
-- while, so that the same delivery counts once.
create table deliveries (
  id           bigint generated always as identity primary key,
  source_id    uuid not null references sources (id) on delete cascade,
  creator_id   text not null,
  delivery_id  text not null,
  topic        text not null,
  body         bytea,
  received_at  timestamptz not null default now(),
  attempts     integer not null default 0,
  next_at      timestamptz not null default now(),
  last_problem text,
  done_at      timestamptz,
  unique (source_id, delivery_id)
);
create index deliveries_due on deliveries (source_id, next_at) where done_at is null;
create index deliveries_done on deliveries (done_at) where done_at is not null;

-- Events that failed inside are one kind; the other is what a source sent and we could not understand.
alter table dead_letters alter column event drop not null;
alter table dead_letters add column source text not null default 'inside'
  check (source in ('inside', 'tiktok_live', 'tiktok_shop', 'shopify'));
alter table dead_letters add column source_id uuid references sources (id) on delete set null;
-- What kind of message it was, in the words of its source.
alter table dead_letters add column topic text;
-- As it came, when it is no event yet.
alter table dead_letters add column raw bytea;
-- The same message that is set aside again is one letter.
alter table dead_letters add column key text;
alter table dead_letters add column attempts integer not null default 0;
create unique index dead_letters_once on dead_letters (source_id, key);
create unique index dead_letters_inside_once on dead_letters (creator_id, key) where source = 'inside';
create index dead_letters_creator on dead_letters (creator_id, id);

-- How much of one creator went because its dead letters were full.
create table dead_letters_lost (
  creator_id text primary key,
  letters    bigint not null,
  at         timestamptz not null
);
