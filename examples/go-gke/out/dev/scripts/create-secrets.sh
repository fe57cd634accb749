#!/bin/sh
# Made by oetgen from templates/scripts/create-secrets.sh.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# Creates what the services read and no file holds. Usage: create-secrets.sh FILE, which has the URL of the database.
set -eu
file="${1:?usage: create-secrets.sh FILE}"
kubectl create secret generic database --namespace tickets --from-file=url="$file" --dry-run=client --output yaml |
  kubectl apply --namespace tickets --filename -
