# Made by oetgen from templates/terraform/ecr.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# terraform/ecr.tf: where the pipelines push the image of each service
resource "aws_ecr_repository" "frontend" {
  name = "oet-frontend-dev"

  # Each build moves the tag "latest", so that a manifest applied by hand finds an image
  image_tag_mutability = "MUTABLE"

  # Production's images are kept from `terraform destroy`
  force_delete = var.environment != "production"

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "frontend" {
  repository = aws_ecr_repository.frontend.name
  policy     = local.image_lifecycle
}

resource "aws_ecr_repository" "backend" {
  name = "oet-backend-dev"

  # Each build moves the tag "latest", so that a manifest applied by hand finds an image
  image_tag_mutability = "MUTABLE"

  # Production's images are kept from `terraform destroy`
  force_delete = var.environment != "production"

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "backend" {
  repository = aws_ecr_repository.backend.name
  policy     = local.image_lifecycle
}

locals {
  image_lifecycle = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Images that lost their tag go after a week"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 7 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "Of the others the newest 30 stay"
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 30 }
        action       = { type = "expire" }
      },
    ]
  })
}
