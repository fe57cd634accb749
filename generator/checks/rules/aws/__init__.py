"""Rules for what AWS is told by Terraform, by the cluster and by the workflows."""
