#!/bin/sh
# Made by oetgen from templates/scripts/deploy.sh.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# Runs on the server. Usage: deploy.sh TAG
set -eu
tag="${1:?usage: deploy.sh TAG}"
cd "/opt/orders"
printf 'TAG=%s\n' "$tag" > release.env
export TAG="$tag"
docker compose pull --quiet
docker compose run --rm api alembic --config config/alembic.ini upgrade head
docker compose up --detach --wait --remove-orphans
curl --fail --silent --show-error --retry 5 --retry-connrefused https://orders.example.com/health
