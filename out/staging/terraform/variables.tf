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

variable "db_password" {
  description = "The password of the database, the same as POSTGRES_PASSWORD. Set TF_VAR_db_password, and do not store it in a file."
  type        = string
  sensitive   = true

  validation {
    condition     = can(regex("^[!-~]{8,128}$", var.db_password)) && !can(regex("[/@\"]", var.db_password))
    error_message = "The password must have 8 to 128 printable ASCII characters other than slash, at sign, double quote and space."
  }
}

variable "db_password_version" {
  description = "The version of the password. Increase it when the password changes, because Terraform cannot read the password."
  type        = number
}
