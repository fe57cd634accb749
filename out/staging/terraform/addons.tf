# Made by oetgen from templates/terraform/addons.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/addons.tf: the EKS add-ons, each in the default version for the version of the cluster
locals {
  cluster_addons = {
    # It uses the permissions of the node role, because EKS Pod Identity needs the network that it provides
    vpc-cni = {
      before_compute       = true
      configuration_values = jsonencode({ enableNetworkPolicy = "true" })
    }
    eks-pod-identity-agent = {
      before_compute = true
    }
    kube-proxy     = {}
    coredns        = {}
    metrics-server = {}
    aws-ebs-csi-driver = {
      pod_identity_association = [{
        role_arn        = aws_iam_role.ebs_csi.arn
        service_account = "ebs-csi-controller-sa"
      }]
    }
    amazon-cloudwatch-observability = {
      configuration_values = jsonencode({
        agent = {
          config = local.cloudwatch_agent
          resources = {
            requests = { cpu = "100m", memory = "128Mi" }
            limits   = { cpu = "500m", memory = "512Mi" }
          }
        }
        # Otherwise it adds a container to the pods that the Pod Security Standard of the namespace does not allow
        manager = { applicationSignals = { autoMonitor = { monitorAllServices = false } } }
      })
      pod_identity_association = [{
        role_arn        = aws_iam_role.cloudwatch_agent.arn
        service_account = "cloudwatch-agent"
      }]
    }
  }
}

data "aws_partition" "current" {}

# EKS Pod Identity gives a role to the pods of one service account
data "aws_iam_policy_document" "pod_trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "ebs_csi" {
  name               = "oet-ebs-csi-staging"
  assume_role_policy = data.aws_iam_policy_document.pod_trust.json
}

resource "aws_iam_role_policy_attachment" "ebs_csi" {
  role       = aws_iam_role.ebs_csi.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/AmazonEBSCSIDriverPolicyV2"
}

resource "aws_iam_role" "cloudwatch_agent" {
  name               = "oet-cloudwatch-agent-staging"
  assume_role_policy = data.aws_iam_policy_document.pod_trust.json
}

resource "aws_iam_role_policy_attachment" "cloudwatch_agent" {
  role       = aws_iam_role.cloudwatch_agent.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/CloudWatchAgentServerPolicy"
}

# The agent would create these log groups without a retention period
resource "aws_cloudwatch_log_group" "containers" {
  for_each = toset(["application", "dataplane", "host", "performance"])

  name              = "/aws/containerinsights/oet-cluster-staging/${each.key}"
  retention_in_days = 30
}

locals {
  cloudwatch_agent = {
    "logs" : {
      "metrics_collected" : {
        "kubernetes" : { "cluster_name" : "oet-cluster-staging", "metrics_collection_interval" : 60 }
      }
    },
    "metrics" : {
      "namespace" : "EKS/OET",
      "metrics_collected" : {
        "cpu" : { "measurement" : ["cpu_usage_idle", "cpu_usage_iowait"], "metrics_collection_interval" : 60 },
        "mem" : { "measurement" : ["mem_used_percent"], "metrics_collection_interval" : 60 }
      }
    }
  }
}
