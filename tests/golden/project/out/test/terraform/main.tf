# Made by oetgen from templates/terraform/main.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
locals {
  greeting = "plain, ${var.name}"
  regions  = ["eu-west-1", "us-east-1"]
  labels = {
    team = "web"
    on   = "no"
  }
}

variable "name" {
  type = string
}
