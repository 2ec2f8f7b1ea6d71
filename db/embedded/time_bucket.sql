-- What the statements use of TimescaleDB, for a database that has no such extension.

-- Same origins as there: Monday 2000-01-03, and 2000-01-01 for months and years (UTC). Not `strict`: that would keep it
-- from being inlined, and a call for each event costs several times what is summed.
create or replace function time_bucket(width interval, ts timestamptz) returns timestamptz
language sql immutable parallel safe as $$
  select case
    when width < interval '28 days' then date_bin(width, ts, timestamptz '2000-01-03 00:00:00+00')
    else (timestamp '2000-01-01' + width * floor(
      ((extract(year from ts at time zone 'UTC') - 2000) * 12 + extract(month from ts at time zone 'UTC') - 1)
      / (extract(year from width) * 12 + extract(month from width)))::float8) at time zone 'UTC'
  end
$$;

-- first(value, time) and last(value, time) of any type: the state is {at, value}, values go through their text.
create or replace function keep_first(state jsonb, value anyelement, at timestamptz) returns jsonb
language sql immutable as $$
  select case when at is null or at >= (state ->> 'at')::timestamptz then state
    else jsonb_build_object('at', at, 'value', value::text) end
$$;

create or replace function keep_last(state jsonb, value anyelement, at timestamptz) returns jsonb
language sql immutable as $$
  select case when at is null or at <= (state ->> 'at')::timestamptz then state
    else jsonb_build_object('at', at, 'value', value::text) end
$$;

create or replace function kept_value(state jsonb, value anyelement, at timestamptz) returns anyelement
language plpgsql immutable as $$
declare
  kept alias for $0;
begin
  kept := state ->> 'value';
  return kept;
end
$$;

create or replace aggregate first(anyelement, timestamptz)
  (sfunc = keep_first, stype = jsonb, finalfunc = kept_value, finalfunc_extra);
create or replace aggregate last(anyelement, timestamptz)
  (sfunc = keep_last, stype = jsonb, finalfunc = kept_value, finalfunc_extra);
