-- What a panel of people asks for every few seconds: the words of one LIVE, its questions, and who gave and bought.
alter table comments
  -- Decided when the comment is written (server/src/pipeline/question.ts).
  add column question boolean not null default false,
  add column answered_at timestamptz;
update comments set question = true where text ~ '[?？؟⁇]\s*$';
create index comments_by_live on comments (creator_id, session_id, ts desc, event_id);
create index questions_by_live on comments (creator_id, session_id, ts desc, event_id) where question;
-- A LIVE has a thousand likes for each of these.
create index events_of_crowd on events (creator_id, session_id, type)
  where type in ('gift', 'payment_completed');
