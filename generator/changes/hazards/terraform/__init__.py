"""What `terraform apply` destroys or replaces, and what is refused: a module for each rule."""
