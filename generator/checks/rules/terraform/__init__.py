"""Rules for Terraform's own language."""
