-- Figures that their source restates: each statement is a row of its own, and adds what it differs by from those before.
-- Null is the first one, 0.
alter table events add column revision bigint;
-- All statements of a figure have one id.
alter table dropped_ids add column revision bigint not null default 0;
alter table dropped_ids drop constraint dropped_ids_pkey;
alter table dropped_ids add primary key (creator_id, until, event_id, revision);
