# Made by oetgen from templates/terraform/versions.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
terraform {
  required_version = ">= 1.9"
  required_providers {
    hcloud = {
      source  = "hetznercloud/hcloud"
      version = "~> 1.54"
    }
  }
}
