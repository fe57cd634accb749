#!/bin/bash
# Made by oetgen from templates/scripts/create-secrets.sh.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# scripts/create-secrets.sh
set -euo pipefail

# Stop before anything is changed when a variable is missing
: "${DATABASE_URL:?is not set}"
: "${REDIS_URL:?is not set}"
: "${JWT_SECRET:?is not set}"
: "${HUGGINGFACE_API_KEY:?is not set}"
: "${STRIPE_SECRET_KEY:?is not set}"
: "${POSTGRES_PASSWORD:?is not set}"

# Create Kubernetes secret from environment variables
kubectl create secret generic oet-secrets \
  --namespace oet-dev \
  --from-literal=database-url="${DATABASE_URL}" \
  --from-literal=redis-url="${REDIS_URL}" \
  --from-literal=jwt-secret="${JWT_SECRET}" \
  --from-literal=huggingface-api-key="${HUGGINGFACE_API_KEY}" \
  --from-literal=stripe-secret-key="${STRIPE_SECRET_KEY}" \
  --from-literal=postgres-password="${POSTGRES_PASSWORD}" \
  --dry-run=client -o yaml | kubectl apply --namespace oet-dev -f -
