#!/bin/sh
# Made by oetgen from templates/scripts/backup.sh.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
set -eu
cd "/opt/orders"
target="/srv/orders/backups/orders-$(date -u +%Y%m%dT%H%M%SZ).dump"
docker compose exec -T postgres pg_dump --format=custom --username=orders orders > "$target.part"
mv "$target.part" "$target"
