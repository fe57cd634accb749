# Made by oetgen from templates/terraform/autoscaler.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/autoscaler.tf: the permissions of the cluster autoscaler, which scripts/bootstrap-cluster.sh installs. It
# changes the number of nodes between min_size and max_size
resource "aws_eks_pod_identity_association" "autoscaler" {
  cluster_name    = module.eks.cluster_name
  namespace       = "kube-system"
  service_account = "cluster-autoscaler"
  role_arn        = aws_iam_role.autoscaler.arn
}

resource "aws_iam_role" "autoscaler" {
  name               = "oet-autoscaler"
  assume_role_policy = data.aws_iam_policy_document.pod_trust.json
}

resource "aws_iam_role_policy" "autoscaler" {
  name   = "scale-nodes"
  role   = aws_iam_role.autoscaler.name
  policy = data.aws_iam_policy_document.autoscaler.json
}

data "aws_iam_policy_document" "autoscaler" {
  statement {
    sid = "See"
    actions = [
      "autoscaling:DescribeAutoScalingGroups",
      "autoscaling:DescribeAutoScalingInstances",
      "autoscaling:DescribeLaunchConfigurations",
      "autoscaling:DescribeScalingActivities",
      "ec2:DescribeImages",
      "ec2:DescribeInstanceTypes",
      "ec2:DescribeLaunchTemplateVersions",
      "ec2:GetInstanceTypesFromInstanceRequirements",
      "eks:DescribeNodegroup",
    ]
    resources = ["*"]
  }

  statement {
    sid = "ScaleThisCluster"
    actions = [
      "autoscaling:SetDesiredCapacity",
      "autoscaling:TerminateInstanceInAutoScalingGroup",
    ]
    resources = ["*"]

    # EKS adds this tag to the Auto Scaling groups of its node groups
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/k8s.io/cluster-autoscaler/oet-cluster"
      values   = ["owned"]
    }
  }
}
