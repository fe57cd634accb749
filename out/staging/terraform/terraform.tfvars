# Made by oetgen from templates/terraform/terraform.tfvars.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/terraform.tfvars
aws_region  = "us-east-1"
environment = "staging"

db_password_version = 1
