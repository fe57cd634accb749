# Made by oetgen from templates/terraform/backend.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/backend.tf
terraform {
  # scripts/bootstrap-state.sh creates the bucket and prints its name for `terraform init -backend-config=bucket=…`
  backend "s3" {
    key          = "oet-dev/terraform.tfstate"
    region       = "us-east-1"
    encrypt      = true
    use_lockfile = true
  }
}
