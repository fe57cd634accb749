"""Rules for Kubernetes objects and kustomizations."""
