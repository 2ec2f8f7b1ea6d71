-- What somebody wants a LIVE to reach: one of every LIVE of a creator, and one of a single LIVE in its place.
create table goals (
  creator_id      text not null,
  -- Null: of every LIVE that has none of its own.
  session_id      text,
  -- Anew with each change, so that reaching another goal is news.
  id              uuid not null default gen_random_uuid(),
  metric          text not null check (metric in ('gmv', 'main_orders', 'viewers')),
  target          bigint not null check (target > 0),
  planned_minutes integer check (planned_minutes > 0),
  unique nulls not distinct (creator_id, session_id)
);
