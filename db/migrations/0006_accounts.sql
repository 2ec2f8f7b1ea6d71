-- Who may come in: people with a password or an identity provider, their roles, sign-ins and links; and who changed what.

create table users (
  id                uuid primary key default gen_random_uuid(),
  email             text not null unique check (email = lower(email)),
  name              text not null,
  -- Null: signs in through the identity provider alone.
  password_hash     text,
  -- Sealed. It counts once a first code has confirmed it.
  totp_secret       bytea,
  totp_confirmed_at timestamptz,
  -- The latest step of time whose code was taken: no code is taken twice.
  totp_step         bigint not null default 0,
  -- Who this is to the identity provider, from the first sign-in through it on.
  oidc_subject      text unique,
  created_at        timestamptz not null default now()
);

create table recovery_codes (
  user_id   uuid not null references users (id) on delete cascade,
  code_hash bytea not null,
  primary key (user_id, code_hash)
);

create table roles (
  user_id    uuid not null references users (id) on delete cascade,
  -- Null: all creators.
  creator_id text,
  role       text not null check (role in ('owner', 'operator', 'viewer')),
  unique nulls not distinct (user_id, creator_id)
);
create index roles_creator on roles (creator_id);

-- Browsers signed in with an API key until now; they sign in as a user from here on.
drop table sign_ins;
create table sign_ins (
  id         uuid primary key default gen_random_uuid(),
  token_hash bytea not null unique,
  user_id    uuid not null references users (id) on delete cascade,
  address    text not null,
  user_agent text not null,
  created_at timestamptz not null default now(),
  seen_at    timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sign_ins_user on sign_ins (user_id);

-- Links that work once: the first owner's, and those to set a new password.
create table links (
  token_hash bytea primary key,
  purpose    text not null check (purpose in ('welcome', 'reset')),
  user_id    uuid references users (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);

create table invitations (
  id         uuid primary key default gen_random_uuid(),
  token_hash bytea not null unique,
  email      text not null check (email = lower(email)),
  creator_id text,
  role       text not null check (role in ('owner', 'operator', 'viewer')),
  invited_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);

alter table api_keys add column created_by text;
alter table api_keys add column replaces text references api_keys (id) on delete set null;

-- Names are written down as they were: a log must not change with what it tells of.
create table audit_log (
  id         bigint generated always as identity primary key,
  at         timestamptz not null default now(),
  actor_kind text not null check (actor_kind in ('owner', 'user', 'key', 'server')),
  actor_id   text,
  actor_name text not null,
  address    text,
  creator_id text,
  action     text not null,
  target     text,
  details    jsonb not null default '{}'
);
create index audit_log_creator on audit_log (creator_id, id);
