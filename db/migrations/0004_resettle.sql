-- What settling a creator again stands on: what was given and what was guessed, and who waits for it.

-- Bits: 1 the pin was named, 2 the currency was named. Null on rows from before: what they hold counts as named.
alter table events add column given smallint;

-- Up to these times events were attributed by a guess: what comes later but happened earlier may change it.
alter table counters add column lives_guessed_until timestamptz;
alter table counters add column pins_guessed_until timestamptz;

-- Creators whose log is to be settled again, because something arrived late.
create table resettle (
  creator_id text primary key,
  reason     text not null check (reason in ('live', 'order', 'pin')),
  noted_at   timestamptz not null default now()
);
