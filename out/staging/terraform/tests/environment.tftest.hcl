# Made by oetgen from templates/terraform/tests/environment.tftest.hcl.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/tests/environment.tftest.hcl: run it with `terraform test`; it needs no AWS account
mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\": \"2012-10-17\", \"Statement\": []}" }
  }
}

override_module {
  target = module.vpc
  outputs = {
    vpc_id          = "vpc-1"
    vpc_arn         = "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1"
    vpc_cidr_block  = "10.0.0.0/16"
    private_subnets = ["subnet-1", "subnet-2"]
  }
}

override_module {
  target = module.eks
  outputs = {
    cluster_name           = "oet-cluster-staging"
    cluster_arn            = "arn:aws:eks:us-east-1:123456789012:cluster/oet-cluster-staging"
    node_security_group_id = "sg-1"
  }
}

variables {
  db_password = "only-for-tests"

  redis_auth_token = "only-for-the-tests"
}

run "an_unknown_environment_is_refused" {
  command = plan

  variables {
    environment = "prod"
  }

  expect_failures = [var.environment]
}

run "production_keeps_its_data" {
  command = plan

  variables {
    environment = "production"
  }

  assert {
    condition     = aws_ecr_repository.frontend.force_delete == false
    error_message = "terraform destroy must not delete the images of production."
  }

  assert {
    condition     = aws_ecr_repository.backend.force_delete == false
    error_message = "terraform destroy must not delete the images of production."
  }

  assert {
    condition     = aws_db_instance.postgres.skip_final_snapshot == false
    error_message = "Production must keep a final snapshot of its database."
  }

  assert {
    condition     = aws_db_instance.postgres.final_snapshot_identifier != ""
    error_message = "The final snapshot needs a name, or the database cannot be deleted."
  }
}

run "other_environments_can_be_destroyed" {
  command = plan

  variables {
    environment = "staging"
  }

  assert {
    condition     = aws_ecr_repository.frontend.force_delete == true
    error_message = "Images must not block terraform destroy."
  }

  assert {
    condition     = aws_ecr_repository.backend.force_delete == true
    error_message = "Images must not block terraform destroy."
  }

  assert {
    condition     = aws_db_instance.postgres.skip_final_snapshot == true
    error_message = "Only production keeps a final snapshot of its database."
  }
}

run "a_password_that_rds_refuses_is_refused_here" {
  command = plan

  variables {
    db_password = "with/slash"
  }

  expect_failures = [var.db_password]
}

run "the_database_is_for_the_cluster_alone" {
  command = plan

  assert {
    condition     = aws_db_instance.postgres.storage_encrypted == true
    error_message = "The database's disk must be encrypted."
  }

  assert {
    condition     = anytrue([for each in aws_db_parameter_group.postgres.parameter : each.name == "rds.force_ssl" && each.value == "1"])
    error_message = "The database must reject connections without TLS."
  }
}

run "a_new_version_sends_the_password" {
  command = plan

  variables {
    db_password_version = 7
  }

  assert {
    condition     = aws_db_instance.postgres.password_wo_version == 7
    error_message = "The version of the password must be passed to the database, because Terraform sends the password when it changes."
  }
}

run "a_token_that_elasticache_refuses_is_refused_here" {
  command = plan

  variables {
    redis_auth_token = "too-short"
  }

  expect_failures = [var.redis_auth_token]
}

run "nobody_reads_the_cache_without_the_token" {
  command = plan

  assert {
    condition     = aws_elasticache_replication_group.redis.auth_token == var.redis_auth_token
    error_message = "The cache must require a login."
  }

  assert {
    condition     = aws_elasticache_replication_group.redis.auth_token_update_strategy == "SET"
    error_message = "The cache must refuse an earlier token, and a login without one."
  }

  assert {
    condition     = aws_elasticache_replication_group.redis.transit_encryption_enabled == true
    error_message = "AWS accepts a token only with encryption in transit."
  }
}
