-- Which kinds of sources there are is known by the server alone: a new one needs no change of the database.
alter table sources drop constraint sources_kind_check;
alter table dead_letters drop constraint dead_letters_source_check;

-- What is delivered has to find its creator, so its account is connected once, unless its kind says that several creators
-- may watch the same one.
alter table sources add column is_exclusive boolean not null default true;
update sources set is_exclusive = false where kind = 'tiktok_live';
drop index sources_of_shops;
create unique index sources_exclusive on sources (kind, account) where is_exclusive;
