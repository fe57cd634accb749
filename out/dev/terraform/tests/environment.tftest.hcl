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
    cluster_name           = "oet-cluster-dev"
    cluster_arn            = "arn:aws:eks:us-east-1:123456789012:cluster/oet-cluster-dev"
    node_security_group_id = "sg-1"
  }
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
}
