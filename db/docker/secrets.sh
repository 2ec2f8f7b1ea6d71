#!/bin/sh
# Passwords of this installation alone, made when they are missing. Nothing outside its containers sees them.
set -eu
for name in superuser database redis; do
  [ -s "/secrets/$name" ] || head -c 24 /dev/urandom | base64 | tr '+/' '-_' > "/secrets/$name"
done
chmod 0444 /secrets/*
