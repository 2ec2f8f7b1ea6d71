#!/bin/sh
# Runs once, when the volume is new: the server's own role, which owns its database and is no superuser.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$(cat /secrets/database)" \
  --username postgres --dbname creatorflow <<'SQL'
create extension if not exists timescaledb;
-- createrole: the server makes the role that reads in one creator's name.
create role creatorflow login createrole password :'password';
alter database creatorflow owner to creatorflow;
SQL
