-- When a recount that failed is tried again, and why it failed for good: screens and operators read it.
alter table resettle add column retry_at timestamptz;
alter table resettle add column failures integer not null default 0;
alter table resettle add column problem text check (problem in ('too_large', 'failed'));
