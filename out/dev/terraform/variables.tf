# Made by oetgen from templates/terraform/variables.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/variables.tf
variable "aws_region" {
  description = "The AWS region of all resources in this folder."
  type        = string
}

variable "environment" {
  description = "The name of the environment, for tags. Only production keeps its images and a final snapshot of its database."
  type        = string

  validation {
    condition     = contains(["production", "staging", "development"], var.environment)
    error_message = "The environment must be production, staging or development: with another name, the final snapshot would be lost."
  }
}
