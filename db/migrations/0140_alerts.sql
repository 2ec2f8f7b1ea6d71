-- Rules of a creator. A deleted one stays without being listed, since its episodes are still shown.
create table alert_rules (
  creator_id text not null,
  id         uuid not null default gen_random_uuid(),
  -- Rises with every change of any rule of the creator: the engine reads them again when the highest one moved.
  revision   bigint not null,
  body       jsonb not null,
  enabled    boolean not null,
  -- Looks at a creator who is not on air, too.
  always     boolean not null default false,
  -- Names the default rule that it began as.
  origin     text,
  created_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp(),
  deleted_at timestamptz,
  primary key (creator_id, id)
);
create unique index alert_rules_origin on alert_rules (creator_id, origin) where origin is not null;
create index alert_rules_always on alert_rules (creator_id) where always and enabled and deleted_at is null;

-- Where a rule stands for one subject: a LIVE, and in it a product, a pin or a traffic source; a day; a source.
create table alert_states (
  creator_id text not null,
  rule_id    uuid not null,
  session_id text not null default '',
  subject    text not null default '',
  -- Compared and set by every writer: of two engines one moves a state.
  version    bigint not null,
  phase      text not null,
  state      jsonb not null,
  changed_at timestamptz not null default clock_timestamp(),
  primary key (creator_id, rule_id, session_id, subject)
);
create index alert_states_open on alert_states (creator_id) where phase in ('pending', 'firing', 'recovering');

create table alert_episodes (
  creator_id      text not null,
  -- Made of rule, subject and number: whoever decides it names it the same.
  id              text not null,
  rule_id         uuid not null,
  session_id      text not null default '',
  subject         text not null default '',
  number          integer not null,
  kind            text not null check (kind in ('alert', 'insight')),
  severity        text not null check (severity in ('info', 'warning', 'critical')),
  fired_at        timestamptz not null,
  ended_at        timestamptz,
  peak            double precision,
  why             jsonb not null,
  ended_why       jsonb,
  -- Why nobody was told: 'muted' or 'silenced'.
  hushed          text,
  acknowledged_at timestamptz,
  acknowledged_by text,
  primary key (creator_id, id)
);
create index alert_episodes_newest on alert_episodes (creator_id, fired_at desc, id);
create index alert_episodes_by_rule on alert_episodes (creator_id, rule_id, fired_at desc);
create index alert_episodes_open on alert_episodes (creator_id) where ended_at is null;

-- What is to be told, written in the transaction that moved the state.
create table alert_outbox (
  -- The episode and 'fired' or 'recovered': stable, so that whoever is told twice can tell.
  id            text primary key,
  creator_id    text not null,
  episode_id    text not null,
  rule_id       uuid not null,
  session_id    text not null,
  subject       text not null,
  kind          text not null check (kind in ('alert', 'insight')),
  transition    text not null check (transition in ('fired', 'recovered')),
  severity      text not null,
  name          text not null,
  words         text,
  why           jsonb not null,
  at            timestamptz not null,
  fired_at      timestamptz not null,
  -- Ids of targets; null for every target of the creator.
  targets       jsonb,
  on_screen     boolean not null,
  -- Why it is not delivered: 'muted', 'silenced' or 'quiet'.
  hushed        text,
  -- Not delivered before that: the end of quiet hours. Screens are told at once.
  held_until    timestamptz,
  created_at    timestamptz not null default clock_timestamp(),
  -- When its deliveries were made.
  dispatched_at timestamptz
);
create index alert_outbox_newest on alert_outbox (creator_id, created_at desc);
create index alert_outbox_waiting on alert_outbox (created_at) where dispatched_at is null and hushed is null;

-- Nobody is told of a rule, or of any, until then.
create table alert_silences (
  creator_id text not null,
  id         uuid not null default gen_random_uuid(),
  -- Null for every rule.
  rule_id    uuid,
  until      timestamptz not null,
  made_by    text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (creator_id, id)
);

-- Which creators are on air is asked every two seconds. Neither column changes while a LIVE is on, so its updates stay cheap.
create index lives_open on lives (creator_id) where ended_at is null;

comment on table alert_rules is 'Tenants read their own rows (creator_id).';
comment on table alert_states is 'Tenants read their own rows (creator_id).';
comment on table alert_episodes is 'Tenants read their own rows (creator_id).';
comment on table alert_silences is 'Tenants read their own rows (creator_id).';
comment on table alert_outbox is 'Tenants read nothing: only deliveries and screens take from it.';
