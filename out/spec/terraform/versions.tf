# Made by oetgen from templates/terraform/versions.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/versions.tf: the Terraform version that the other files require
terraform {
  required_version = ">= 1.11"
}
