# Made by oetgen from templates/terraform/certificate.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/certificate.tf: the load balancer controller selects the certificate by the hosts of the Ingress
resource "aws_acm_certificate" "main" {
  domain_name               = "app.staging.oetpraxis.com"
  subject_alternative_names = ["app.staging.oetpraxis.com", "api.staging.oetpraxis.com"]
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}
