"""What `terraform apply` would destroy, replace, or be refused; a module for each kind of rule."""
