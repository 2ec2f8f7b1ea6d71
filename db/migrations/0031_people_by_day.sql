-- Distinct people of any range of days as a sum: each person of a day counts at the day before on which it was seen, and in
-- a range those count whose day before lies before the range. Claims of days begin with the person, so that the days before
-- and after are found by the key; bytewise order makes a beginning of a key a range.
create table people_days (
  creator_id  text not null,
  kind        text not null check (kind in ('viewer_day', 'customer_day')),
  day         text collate "C" not null,
  -- Empty for people who were not seen before.
  seen_before text collate "C" not null,
  people      bigint not null,
  primary key (creator_id, kind, day, seen_before)
);

create temp table days_of_people on commit drop as
select creator_id, kind, substr(key, 2, 12) as day, substr(key, 15, length(key) - 15) as person, value, ref, at
from claims where kind in ('viewer_day', 'customer_day');
delete from claims where kind in ('viewer_day', 'customer_day');
alter table claims alter column key type text collate "C";
insert into claims (creator_id, kind, key, value, ref, at)
select creator_id, kind, '[' || person || ',' || day || ']', value, ref, at from days_of_people;

insert into people_days (creator_id, kind, day, seen_before, people)
select creator_id, kind, trim(day, '"'), trim(coalesce(seen_before, ''), '"'), count(*) from (
  select creator_id, kind, day, lag(day) over (partition by creator_id, kind, person order by day) as seen_before
  from days_of_people
) d group by 1, 2, 3, 4;
