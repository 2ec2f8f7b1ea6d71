-- The server knows where a range of history is to be read, and writes a statement of just that.
drop function if exists history_1m(text, timestamptz, timestamptz);
drop function if exists history_15m(text, timestamptz, timestamptz);
drop function if exists history_1d(text, timestamptz, timestamptz);

-- Pauses are few, and the length of every LIVE needs them: without this, all of its events are read for them.
create index events_pauses on events (creator_id, session_id) where type in ('live_paused', 'live_resumed');
