# Made by oetgen from templates/terraform/main.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
terraform {
  required_version = ">= 1.9"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.10"
    }
  }
  backend "gcs" {
    bucket = "tickets-prod-4711-terraform"
    prefix = "prod"
  }
}

provider "google" {
  project = "tickets-prod-4711"
  region  = "europe-west1"
}

resource "google_artifact_registry_repository" "images" {
  location      = "europe-west1"
  repository_id = "services"
  format        = "DOCKER"
}

resource "google_compute_network" "main" {
  name                    = "tickets"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "main" {
  name          = "tickets"
  network       = google_compute_network.main.id
  region        = "europe-west1"
  ip_cidr_range = "10.10.0.0/20"
}

resource "google_container_cluster" "main" {
  name                = "tickets"
  location            = "europe-west1"
  enable_autopilot    = true
  network             = google_compute_network.main.id
  subnetwork          = google_compute_subnetwork.main.id
  deletion_protection = true

  release_channel {
    channel = "STABLE"
  }

  gateway_api_config {
    channel = "CHANNEL_STANDARD"
  }

  master_authorized_networks_config {
    cidr_blocks {
      display_name = "office"
      cidr_block   = "192.0.2.0/24"
    }
    cidr_blocks {
      display_name = "vpn"
      cidr_block   = "198.51.100.7/32"
    }
  }
}

resource "google_sql_database_instance" "main" {
  name                = "tickets"
  region              = "europe-west1"
  database_version    = "POSTGRES_17"
  deletion_protection = true

  settings {
    tier              = "db-custom-4-15360"
    availability_type = "REGIONAL"

    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
    }
  }
}

resource "google_service_account" "services" {
  for_each   = toset(["api", "controller"])
  account_id = each.value
}

resource "google_service_account_iam_member" "workload_identity" {
  for_each           = google_service_account.services
  service_account_id = each.value.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:tickets-prod-4711.svc.id.goog[tickets/${each.key}]"
}
