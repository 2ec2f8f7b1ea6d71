-- Each step of an order, and each order in another currency, is a claim of its own: it can then say which event holds it.
insert into claims (creator_id, kind, key, value)
select o.creator_id, 'order_step', '[' || to_json(o.key)::text || ',' || to_json(s.type)::text || ']', 1
from claims o join (values
  (1, 'payment_completed'), (2, 'order_created'), (4, 'order_cancelled'), (8, 'order_fulfilled'),
  (16, 'order_shipped'), (32, 'order_delivered'), (256, 'order_on_hold')
) as s (bit, type) on o.value & s.bit <> 0
where o.kind = 'order';
insert into claims (creator_id, kind, key, value)
select creator_id, 'order_excluded', '[' || to_json(key)::text || ']', 1
from claims where kind = 'order' and value & 64 <> 0;
-- What stays is whether an event named its LIVE.
update claims set value = value & 128 where kind = 'order' and value & ~128 <> 0;

-- Counting by time puts right what was counted by arrival: every log is recounted once.
alter table resettle drop constraint resettle_reason_check;
alter table resettle add constraint resettle_reason_check check (reason in ('live', 'order', 'pin', 'count'));
insert into resettle (creator_id, reason)
select creator_id, 'count' from counters where seq > 0 and creator_id in (select id from creators)
on conflict (creator_id) do nothing;
