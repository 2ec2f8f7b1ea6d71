-- What a shop has told of an order so far, where each delivery shows only a moment of it. Amounts, units and ids of
-- goods; nothing of a person.
create table shop_orders (
  source_id  uuid not null references sources (id) on delete cascade,
  creator_id text not null,
  order_id   text not null,
  told       jsonb not null default '{}',
  -- Whether its order was told, or given up on: a refund alone does not say whether its amounts include tax.
  is_settled boolean not null default false,
  changed_at timestamptz not null default now(),
  primary key (source_id, order_id)
);
create index shop_orders_by_age on shop_orders (changed_at);
create index shop_orders_unsettled on shop_orders (source_id, changed_at) where not is_settled;
