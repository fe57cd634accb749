"""Rules for Terraform files."""
