# Made by oetgen from templates/terraform/database.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/database.tf: the resources that the database in main.tf needs
resource "aws_db_subnet_group" "main" {
  name       = "oet-postgres"
  subnet_ids = module.vpc.private_subnets
}

resource "aws_db_parameter_group" "postgres" {
  name   = "oet-postgres15"
  family = "postgres15"

  # Rejects connections without TLS. This is the default only since PostgreSQL 15
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  # Logs schema changes, and statements that take longer than a second
  parameter {
    name  = "log_statement"
    value = "ddl"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# RDS would create these log groups without a retention period
resource "aws_cloudwatch_log_group" "postgres" {
  for_each = toset(["postgresql", "upgrade"])

  name              = "/aws/rds/instance/oet-postgres/${each.key}"
  retention_in_days = 30
}

resource "aws_iam_role" "rds_monitoring" {
  name               = "oet-rds-monitoring"
  assume_role_policy = data.aws_iam_policy_document.rds_monitoring_trust.json
}

data "aws_iam_policy_document" "rds_monitoring_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["monitoring.rds.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "rds_monitoring" {
  role       = aws_iam_role.rds_monitoring.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
