"""Rules for the AWS settings in Terraform, manifests and workflows."""
