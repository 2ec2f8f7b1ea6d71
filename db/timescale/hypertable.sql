-- Seven-day chunks: a LIVE lies in one chunk, and a year of history in about fifty.
create extension if not exists timescaledb;
select create_hypertable('events', by_range('ts', interval '7 days'), create_default_indexes => false, if_not_exists => true);
