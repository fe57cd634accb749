#!/bin/bash
# Made by oetgen from templates/scripts/bootstrap-cluster.sh.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# scripts/bootstrap-cluster.sh: what a new cluster needs before the first deploy, and no pipeline may do. For an
# administrator, after `terraform apply`; safe to run again, and to be run again when a chart's version changes.
set -euo pipefail
export AWS_PAGER=""
cd "$(dirname "$0")/.."

aws eks update-kubeconfig --region us-east-1 --name oet-cluster-staging

# The namespace, and the class of its volumes
kubectl apply -k k8s/cluster

# The load balancer controller makes a load balancer for the Ingress. Helm never changes the resource definitions that
# a chart brings, so they do not come through it.
vpc="$(aws eks describe-cluster --region us-east-1 --name oet-cluster-staging \
  --query cluster.resourcesVpcConfig.vpcId --output text)"
definitions="$(helm show crds aws-load-balancer-controller \
  --repo https://aws.github.io/eks-charts --version 3.5.0)"
kubectl apply --server-side -f - <<< "$definitions"
helm upgrade --install aws-load-balancer-controller aws-load-balancer-controller \
  --repo https://aws.github.io/eks-charts --version 3.5.0 \
  --namespace kube-system \
  --set clusterName=oet-cluster-staging \
  --set region=us-east-1 \
  --set vpcId="$vpc" \
  --set serviceAccount.name=aws-load-balancer-controller \
  --set keepTLSSecret=true \
  --skip-crds --wait --timeout 5m

# The cluster autoscaler starts nodes when pods find no place, and stops those that are empty
helm upgrade --install cluster-autoscaler cluster-autoscaler \
  --repo https://kubernetes.github.io/autoscaler --version 9.59.0 \
  --namespace kube-system \
  --set autoDiscovery.clusterName=oet-cluster-staging \
  --set awsRegion=us-east-1 \
  --set fullnameOverride=cluster-autoscaler \
  --set rbac.serviceAccount.name=cluster-autoscaler \
  --wait --timeout 5m
