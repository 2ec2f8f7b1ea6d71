-- The LIVEs whose end a recount waits for, while only minutes are wrong: the end of another one changes nothing.
alter table resettle add column waits_for text[] not null default '{}';
