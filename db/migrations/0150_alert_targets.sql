-- Where alerts are sent.
create table alert_targets (
  id           uuid primary key default gen_random_uuid(),
  creator_id   text not null,
  kind         text not null,
  name         text not null,
  -- As it is shown; whatever is secret of an address is sealed.
  address      text not null,
  -- Hash of the account, where the same one must not be added twice.
  fingerprint  text,
  -- Whose browser or mailbox it is: nothing is sent without that person's access.
  user_id      uuid references users (id) on delete cascade,
  enabled      boolean not null default true,
  created_at   timestamptz not null default clock_timestamp(),
  -- Failures since the last success. Past a limit nothing is sent until `paused_until`, and then one delivery tries.
  failures     int not null default 0,
  paused_until timestamptz,
  sent_at      timestamptz,
  failed_at    timestamptz,
  problem      text,
  -- The receiver said that it is gone for good.
  ended_at     timestamptz,
  -- Who is sending to it, so that no other process does.
  holder       uuid,
  held_until   timestamptz,
  unique (creator_id, kind, fingerprint)
);
comment on table alert_targets is 'Tenants read their own rows (creator_id).';

-- Sealed, and apart, so that nothing that lists targets can hand them out.
create table alert_target_secrets (
  target_id uuid primary key references alert_targets (id) on delete cascade,
  sealed    bytea not null
);

-- One message to one target, about several alerts when they came together.
create table alert_deliveries (
  id         uuid primary key default gen_random_uuid(),
  creator_id text not null,
  target_id  uuid not null references alert_targets (id) on delete cascade,
  -- What it says: copies of rows of `alert_outbox`, which are deleted earlier.
  items      jsonb not null,
  state      text not null default 'waiting' check (state in ('waiting', 'sent', 'failed', 'dropped')),
  created_at timestamptz not null default clock_timestamp(),
  next_at    timestamptz not null default clock_timestamp(),
  -- When it was first sent: nothing is added to it afterwards.
  begun_at   timestamptz,
  done_at    timestamptz,
  attempts   int not null default 0,
  -- Each attempt: time, outcome, status, words, duration.
  tries      jsonb not null default '[]'
);
create index alert_deliveries_due on alert_deliveries (next_at) where state = 'waiting';
create index alert_deliveries_of_target on alert_deliveries (target_id, next_at) where state = 'waiting';
create index alert_deliveries_log on alert_deliveries (creator_id, created_at desc, id);
comment on table alert_deliveries is 'Tenants read their own rows (creator_id).';

-- The key pair by which browsers know this server: made once, since a new one would end every subscription.
create table push_keys (
  id         uuid primary key default gen_random_uuid(),
  one        boolean not null unique default true check (one),
  public_key text not null,
  sealed     bytea not null
);
