-- A long log is rewritten in several transactions. Who began it, null when every row is as settled last; and until when nobody else may go on.
alter table resettle add column rewritten_by uuid;
alter table resettle add column rewriting_until timestamptz;
