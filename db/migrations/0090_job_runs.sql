-- Work that is due by the clock: up to when each was done, and each run of it.
create table job_schedules (
  job        text not null,
  -- Null: of the installation.
  creator_id text,
  -- What was due up to here was begun or left out.
  done_until timestamptz not null,
  -- A person wants it now.
  asked_at   timestamptz,
  unique nulls not distinct (job, creator_id)
);

create table job_runs (
  id             bigint generated always as identity primary key,
  job            text not null,
  creator_id     text,
  due            timestamptz not null,
  attempt        integer not null default 1,
  started_at     timestamptz not null default clock_timestamp(),
  -- Renewed while it runs: one that stands still was lost with its process.
  beat_at        timestamptz not null default clock_timestamp(),
  ended_at       timestamptz,
  outcome        text not null default 'running' check (outcome in ('running', 'done', 'failed', 'lost', 'stopped')),
  error          text,
  progress_done  bigint,
  progress_total bigint,
  -- Whether another attempt was begun, or none will be.
  settled        boolean not null default false
);
create index job_runs_by_job on job_runs (job, creator_id, id desc);
create index job_runs_unsettled on job_runs (id) where not settled;
