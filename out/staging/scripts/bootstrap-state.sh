#!/bin/bash
# Made by oetgen from templates/scripts/bootstrap-state.sh.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# scripts/bootstrap-state.sh: creates the bucket for the Terraform state. Run it once per account and region; it is safe to
# run again.
set -euo pipefail
export AWS_PAGER=""

account="$(aws sts get-caller-identity --query Account --output text)"
if [[ ! "$account" =~ ^[0-9]{12}$ ]]; then
  echo "aws sts get-caller-identity did not return an account ID" >&2
  exit 1
fi
bucket="oet-terraform-us-east-1-$account"

# Bucket names are global: --expected-bucket-owner rejects a bucket of another account
if ! aws s3api head-bucket --bucket "$bucket" --expected-bucket-owner "$account" &> /dev/null; then
  aws s3api create-bucket --bucket "$bucket" --region us-east-1
fi

aws s3api put-public-access-block --bucket "$bucket" --expected-bucket-owner "$account" \
  --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
aws s3api put-bucket-versioning --bucket "$bucket" --expected-bucket-owner "$account" \
  --versioning-configuration Status=Enabled
aws s3api put-bucket-encryption --bucket "$bucket" --expected-bucket-owner "$account" \
  --server-side-encryption-configuration '{"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}'

policy="$(cat << EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "OnlyWithTLS",
      "Effect": "Deny",
      "Principal": "*",
      "Action": "s3:*",
      "Resource": ["arn:aws:s3:::$bucket", "arn:aws:s3:::$bucket/*"],
      "Condition": {"Bool": {"aws:SecureTransport": "false"}}
    }
  ]
}
EOF
)"
aws s3api put-bucket-policy --bucket "$bucket" --expected-bucket-owner "$account" --policy "$policy"

cat << EOF
The bucket is ready. Next, run this command in the root of the repository:
terraform -chdir=out/staging/terraform init -backend-config=bucket=$bucket
EOF
