# Made by oetgen from templates/terraform/outputs.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/outputs.tf
output "cluster_name" {
  description = "The cluster that kubectl and the pipelines talk to."
  value       = module.eks.cluster_name
}

output "certificate_arn" {
  description = "The certificate of the hosts, to ask whether AWS has issued it."
  value       = aws_acm_certificate.main.arn
}

output "certificate_validation_records" {
  description = "DNS records to make once; AWS issues the certificate when it finds them."
  value = {
    for option in aws_acm_certificate.main.domain_validation_options : option.domain_name => {
      name  = option.resource_record_name
      type  = option.resource_record_type
      value = option.resource_record_value
    }
  }
}

output "load_balancer_security_group_id" {
  description = "The security group of the load balancer, which the Ingress finds by its Name."
  value       = aws_security_group.alb.id
}
