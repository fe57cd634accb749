#!/bin/bash
# Made by oetgen from templates/scripts/create-secrets.sh.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# scripts/create-secrets.sh
set -euo pipefail

# Stop before changing anything if a variable is missing
: "${DATABASE_URL:?is not set, or is empty}"
: "${REDIS_URL:?is not set, or is empty}"
: "${JWT_SECRET:?is not set, or is empty}"
: "${HUGGINGFACE_API_KEY:?is not set, or is empty}"
: "${STRIPE_SECRET_KEY:?is not set, or is empty}"
: "${POSTGRES_PASSWORD:?is not set, or is empty}"
: "${REDIS_AUTH_TOKEN:?is not set, or is empty}"

# Create Kubernetes secret from environment variables. Pipes keep the values out of the command line, which other
# processes can read. Server-side apply keeps them out of the last-applied-configuration annotation.
kubectl create secret generic oet-secrets \
  --namespace oet-staging \
  --from-file=database-url=<(printf %s "${DATABASE_URL}") \
  --from-file=redis-url=<(printf %s "${REDIS_URL}") \
  --from-file=jwt-secret=<(printf %s "${JWT_SECRET}") \
  --from-file=huggingface-api-key=<(printf %s "${HUGGINGFACE_API_KEY}") \
  --from-file=stripe-secret-key=<(printf %s "${STRIPE_SECRET_KEY}") \
  --from-file=postgres-password=<(printf %s "${POSTGRES_PASSWORD}") \
  --from-file=redis-auth-token=<(printf %s "${REDIS_AUTH_TOKEN}") \
  --dry-run=client -o yaml |
  kubectl apply --namespace oet-staging --server-side --force-conflicts -f -
