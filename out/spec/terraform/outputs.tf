# Made by oetgen from templates/terraform/outputs.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/outputs.tf
output "cluster_name" {
  description = "The cluster that kubectl and the pipelines talk to."
  value       = module.eks.cluster_name
}

output "database_endpoint" {
  description = "Host and port of the database, for DATABASE_URL."
  value       = aws_db_instance.postgres.endpoint
}
