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

variable "db_password" {
  description = "The database's password, the same as POSTGRES_PASSWORD. Set TF_VAR_db_password; it belongs in no file."
  type        = string
  sensitive   = true

  validation {
    condition     = can(regex("^[!-~]{8,128}$", var.db_password)) && !can(regex("[/@\"]", var.db_password))
    error_message = "RDS takes 8 to 128 printable ASCII characters without slash, at sign, double quote and space."
  }
}
