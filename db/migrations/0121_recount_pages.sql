-- Any log can be recounted, page by page: what failed for its length is tried again. How far a recount is, and since when.
alter table resettle drop constraint resettle_problem_check;
update resettle set problem = null, failures = 0, retry_at = null where problem = 'too_large';
alter table resettle add constraint resettle_problem_check check (problem = 'failed');
alter table resettle add column started_at timestamptz;
alter table resettle add column rows_done bigint;
alter table resettle add column rows_total bigint;
-- Why the last try failed.
alter table resettle add column error text;
-- Renewed while it runs: one that stands still was lost with its process.
alter table resettle add column beat_at timestamptz;

-- Claims of recounts that are under way, each apart from all others. A crash loses them, and the recount starts over.
create unlogged table recounted_claims (
  creator_id text not null,
  run        uuid not null,
  kind       text not null,
  key        text collate "C" not null,
  value      bigint not null,
  ref        text,
  at         timestamptz,
  primary key (creator_id, run, kind, key)
);
comment on table recounted_claims is 'Tenants read nothing: only recounts use it.';
