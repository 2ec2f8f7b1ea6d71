-- Aggregates are refreshed by time alone, over all creators. A block range index costs a write next to nothing, and the
-- log grows in the order of time.
create index events_by_time on events using brin (ts) with (pages_per_range = 32, autosummarize = on);
