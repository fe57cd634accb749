# Made by oetgen from templates/terraform/security.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/security.tf
resource "aws_security_group" "rds" {
  name_prefix = "oet-rds"
  description = "PostgreSQL, from the nodes of the cluster only"
  vpc_id      = module.vpc.vpc_id

  ingress {
    description     = "PostgreSQL from the nodes of the cluster"
    from_port       = 5432
    to_port         = 5432
    protocol        = "tcp"
    security_groups = [module.eks.node_security_group_id]
  }

  tags = {
    Name = "oet-rds-sg"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# The Ingress refers to this group by its tag Name
resource "aws_security_group" "alb" {
  name_prefix = "oet-alb"
  description = "The load balancer, open to the internet"
  vpc_id      = module.vpc.vpc_id

  ingress {
    description = "HTTP, which is sent on to HTTPS"
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  ingress {
    description = "HTTPS"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    description = "The services, which are in the same network"
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = [module.vpc.vpc_cidr_block]
  }

  tags = {
    Name = "oet-alb-sg"
  }

  lifecycle {
    create_before_destroy = true
  }
}
