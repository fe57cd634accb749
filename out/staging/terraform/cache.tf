# Made by oetgen from templates/terraform/cache.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/cache.tf
resource "aws_elasticache_replication_group" "redis" {
  replication_group_id = "oet-redis-staging"
  description          = "Redis of oet-staging"

  engine               = "redis"
  engine_version       = "7.1"
  node_type            = "cache.t4g.micro"
  parameter_group_name = "default.redis7"
  port                 = 6379

  # The primary and its replicas
  num_cache_clusters         = 1 + 0
  automatic_failover_enabled = false
  multi_az_enabled           = false

  at_rest_encryption_enabled = true
  transit_encryption_enabled = true

  # Clients log in with this token. Terraform keeps it in the state, because the provider has no write-only argument for it
  auth_token                 = var.redis_auth_token
  auth_token_update_strategy = var.redis_auth_token_update

  security_group_ids = [aws_security_group.redis.id]
  subnet_group_name  = aws_elasticache_subnet_group.redis.name
}

resource "aws_elasticache_subnet_group" "redis" {
  name       = "oet-redis-staging"
  subnet_ids = module.vpc.private_subnets
}

resource "aws_security_group" "redis" {
  name_prefix = "oet-redis-staging"
  description = "Redis, from the nodes of the cluster only"
  vpc_id      = module.vpc.vpc_id

  ingress {
    description     = "Redis from the nodes of the cluster"
    from_port       = 6379
    to_port         = 6379
    protocol        = "tcp"
    security_groups = [module.eks.node_security_group_id]
  }

  tags = {
    Name = "oet-redis-sg-staging"
  }

  lifecycle {
    create_before_destroy = true
  }
}
