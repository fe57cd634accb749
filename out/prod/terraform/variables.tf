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

variable "redis_auth_token" {
  description = "The token of the cache, the same as REDIS_AUTH_TOKEN. Set TF_VAR_redis_auth_token, and do not store it in a file."
  type        = string
  sensitive   = true

  validation {
    condition     = can(regex("^[A-Za-z0-9!&#$^<>-]{16,128}$", var.redis_auth_token))
    error_message = "The token must have 16 to 128 characters: letters, digits and ! & # $ ^ < > -."
  }
}

variable "redis_auth_token_update" {
  description = "What a new token does to the previous one, or to logins without a token: SET refuses them, ROTATE accepts both until the next SET."
  type        = string
  default     = "SET"

  validation {
    condition     = contains(["SET", "ROTATE"], var.redis_auth_token_update)
    error_message = "The update of the token must be SET or ROTATE."
  }
}
