-- The small image of a creator, as it was checked; `version` changes with its content.
create table creator_logos (
  creator_id text primary key,
  media text not null check (media in ('image/png', 'image/jpeg', 'image/webp')),
  bytes bytea not null,
  version text not null,
  changed_at timestamptz not null default clock_timestamp()
);
comment on table creator_logos is 'Tenants read nothing: an image is served whole, by its own route.';
