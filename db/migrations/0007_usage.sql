-- What each creator used, by minute and node: nodes write their own rows, readers add them up.
create table usage (
  creator_id       text not null,
  minute           timestamptz not null,
  node             uuid not null,
  events           bigint not null default 0,
  -- Chunks of events that had to wait or were turned away, and requests that were.
  events_held      bigint not null default 0,
  requests         bigint not null default 0,
  requests_refused bigint not null default 0,
  -- Most at once within the minute.
  sockets          bigint not null default 0,
  sockets_refused  bigint not null default 0,
  primary key (creator_id, minute, node)
);
create index usage_by_minute on usage (minute);
