# Made by oetgen from templates/terraform/main.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/main.tf
terraform {
  required_version = ">= 1.0"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region = var.aws_region

  default_tags {
    tags = {
      Project     = "oet"
      Environment = var.environment
    }
  }
}

# EKS Cluster
module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 20.0"

  cluster_name    = "oet-cluster-staging"
  cluster_version = "1.35"

  # EXTENDED: AWS keeps the version for another year after the end of its support, at a higher price for each hour.
  # STANDARD: AWS upgrades the cluster at the end of the support
  cluster_upgrade_policy = {
    support_type = "STANDARD"
  }

  # A name prefix is limited to 38 characters, and the name of the cluster can be longer
  iam_role_use_name_prefix = false

  vpc_id     = module.vpc.vpc_id
  subnet_ids = module.vpc.private_subnets

  eks_managed_node_groups = {
    main = {
      desired_size = 2
      max_size     = 10
      min_size     = 2

      instance_types = ["t3.medium"]
      capacity_type  = "ON_DEMAND"
    }
  }

  # Administrators and pipelines connect to the API of the cluster from the internet
  cluster_endpoint_public_access       = true
  cluster_endpoint_public_access_cidrs = ["0.0.0.0/0"]

  # The creator of the cluster is its administrator
  enable_cluster_creator_admin_permissions = true

  # The pipelines may change only the objects in their namespace
  access_entries = {
    deploy = {
      principal_arn = aws_iam_role.deploy.arn

      policy_associations = {
        edit = {
          policy_arn = "arn:${data.aws_partition.current.partition}:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"
          access_scope = {
            type       = "namespace"
            namespaces = ["oet-staging"]
          }
        }
      }
    }
  }

  cluster_addons = local.cluster_addons

  # Version 20 of the module opens the port that metrics-server used before it became an add-on
  node_security_group_additional_rules = {
    ingress_cluster_10251_metrics_server = {
      description                   = "Cluster API to metrics-server"
      protocol                      = "tcp"
      from_port                     = 10251
      to_port                       = 10251
      type                          = "ingress"
      source_cluster_security_group = true
    }
  }

  cloudwatch_log_group_retention_in_days = 30
}

# VPC
module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 5.0"

  name = "oet-vpc-staging"
  cidr = "10.0.0.0/16"

  azs             = ["${var.aws_region}a", "${var.aws_region}b", "${var.aws_region}c"]
  private_subnets = ["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"]
  public_subnets  = ["10.0.101.0/24", "10.0.102.0/24", "10.0.103.0/24"]

  enable_nat_gateway = true
  single_nat_gateway = true
  enable_vpn_gateway = false

  # The load balancer controller creates its load balancers in the subnets with these tags
  public_subnet_tags = {
    "kubernetes.io/role/elb" = 1
  }
  private_subnet_tags = {
    "kubernetes.io/role/internal-elb" = 1
  }

  tags = {
    Environment = var.environment
  }
}

# RDS PostgreSQL
resource "aws_db_instance" "postgres" {
  identifier = "oet-postgres-staging"

  engine               = "postgres"
  engine_version       = "15"
  instance_class       = "db.t3.micro"
  parameter_group_name = aws_db_parameter_group.postgres.name

  storage_type          = "gp3"
  allocated_storage     = 20
  max_allocated_storage = 100
  storage_encrypted     = true

  db_name  = "oet_praxis"
  username = "postgres"
  port     = 5432

  # Never stored in the state; Terraform sends the password to AWS when its version changes
  password_wo         = var.db_password
  password_wo_version = var.db_password_version

  vpc_security_group_ids = [aws_security_group.rds.id]
  db_subnet_group_name   = aws_db_subnet_group.main.name
  multi_az               = false

  backup_retention_period = 7
  backup_window           = "03:00-04:00"
  maintenance_window      = "sun:04:00-sun:05:00"
  copy_tags_to_snapshot   = true

  auto_minor_version_upgrade = true

  deletion_protection       = false
  skip_final_snapshot       = var.environment != "production"
  final_snapshot_identifier = "oet-postgres-staging-final"

  performance_insights_enabled    = true
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.rds_monitoring.arn

  tags = {
    Environment = var.environment
  }

  depends_on = [aws_cloudwatch_log_group.postgres]
}
