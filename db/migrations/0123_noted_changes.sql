-- A time zone and currency that a creator gets once its log is counted by them: `{time_zone, currency}`.
alter table resettle add column change jsonb;
alter table resettle drop constraint resettle_reason_check;
alter table resettle add constraint resettle_reason_check
  check (reason in ('live', 'order', 'pin', 'count', 'change'));
