# Made by oetgen from templates/terraform/ecr.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/ecr.tf: where the pipelines push the image of each service
resource "aws_ecr_repository" "frontend" {
  name = "oet-frontend"
}

resource "aws_ecr_repository" "backend" {
  name = "oet-backend"
}
