#!/bin/bash
# Made by oetgen from templates/scripts/bootstrap-cluster.sh.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# scripts/bootstrap-cluster.sh: prepares a new cluster for the first deploy. An administrator runs it after
# `terraform apply`, and again when the version of a chart changes; it is safe to run again.
set -euo pipefail
export AWS_PAGER=""
cd "$(dirname "$0")/.."

aws eks update-kubeconfig --region us-east-1 --name oet-cluster-dev

# The namespace, and the storage class of its volumes
kubectl apply -k k8s/cluster

# The load balancer controller creates a load balancer for the Ingress. Helm does not update custom resource definitions,
# so kubectl applies them.
vpc="$(aws eks describe-cluster --region us-east-1 --name oet-cluster-dev \
  --query cluster.resourcesVpcConfig.vpcId --output text)"
definitions="$(helm show crds aws-load-balancer-controller \
  --repo https://aws.github.io/eks-charts --version 3.5.0)"
kubectl apply --server-side -f - <<< "$definitions"
helm upgrade --install aws-load-balancer-controller aws-load-balancer-controller \
  --repo https://aws.github.io/eks-charts --version 3.5.0 \
  --namespace kube-system \
  --set clusterName=oet-cluster-dev \
  --set region=us-east-1 \
  --set vpcId="$vpc" \
  --set serviceAccount.name=aws-load-balancer-controller \
  --set keepTLSSecret=true \
  --set podDisruptionBudget.maxUnavailable=1 \
  --set resources.requests.cpu=50m \
  --set resources.requests.memory=128Mi \
  --set resources.limits.cpu=500m \
  --set resources.limits.memory=512Mi \
  --skip-crds --wait --timeout 5m

# The cluster autoscaler adds nodes for pods that cannot be scheduled, and removes unused nodes
helm upgrade --install cluster-autoscaler cluster-autoscaler \
  --repo https://kubernetes.github.io/autoscaler --version 9.59.0 \
  --namespace kube-system \
  --set autoDiscovery.clusterName=oet-cluster-dev \
  --set awsRegion=us-east-1 \
  --set fullnameOverride=cluster-autoscaler \
  --set rbac.serviceAccount.name=cluster-autoscaler \
  --set resources.requests.cpu=50m \
  --set resources.requests.memory=128Mi \
  --set resources.limits.cpu=500m \
  --set resources.limits.memory=512Mi \
  --wait --timeout 5m
