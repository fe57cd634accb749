# Made by oetgen from templates/terraform/versions.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/versions.tf: what is needed beyond main.tf
terraform {
  required_version = ">= 1.11"
}
