-- A restored copy brings an identity back that screens knew. These two tell a successor from a copy.
alter table database_identity
  -- The identity that this one took the place of, when a running node gave it.
  add column replaced uuid,
  -- Stays through restores: what this database's servers share elsewhere is under this name.
  add column installation uuid not null default gen_random_uuid(),
  -- Where the files of the database lie: a copy lies elsewhere.
  add column place text;
