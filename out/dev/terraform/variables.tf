# Made by oetgen from templates/terraform/variables.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/variables.tf
variable "aws_region" {
  description = "The AWS region of everything in this folder."
  type        = string
}

variable "environment" {
  description = "The environment's name, for tags; only production keeps its images and a last snapshot of its database."
  type        = string

  validation {
    condition     = contains(["production", "staging", "development"], var.environment)
    error_message = "The environment is production, staging or development: any other word would lose the last snapshot."
  }
}
