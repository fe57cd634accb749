# Made by oetgen from templates/terraform/outputs.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/outputs.tf
output "cluster_name" {
  description = "The name of the EKS cluster, for kubectl and the pipelines."
  value       = module.eks.cluster_name
}

output "deploy_role_arn" {
  description = "The role of the pipelines: the variable AWS_ROLE_ARN of GitHub's environment production."
  value       = aws_iam_role.deploy.arn
}

output "certificate_arn" {
  description = "The certificate of the hosts, for checking whether AWS has issued it."
  value       = aws_acm_certificate.main.arn
}

output "certificate_validation_records" {
  description = "DNS records to create once; AWS issues the certificate when they exist."
  value = {
    for option in aws_acm_certificate.main.domain_validation_options : option.domain_name => {
      name  = option.resource_record_name
      type  = option.resource_record_type
      value = option.resource_record_value
    }
  }
}

output "load_balancer_security_group_id" {
  description = "The security group of the load balancer, to which the Ingress refers by its tag Name."
  value       = aws_security_group.alb.id
}

output "database_endpoint" {
  description = "Host and port of the database, for DATABASE_URL."
  value       = aws_db_instance.postgres.endpoint
}

output "cache_host" {
  description = "Host of the cache."
  value       = aws_elasticache_replication_group.redis.primary_endpoint_address
}

output "redis_url" {
  description = "REDIS_URL, with TLS and the token."
  sensitive   = true
  value       = "rediss://:${urlencode(var.redis_auth_token)}@${aws_elasticache_replication_group.redis.primary_endpoint_address}:6379"
}
