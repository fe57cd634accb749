# Made by oetgen from templates/terraform/main.tf.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
provider "hcloud" {}

variable "ssh_public_key" {
  description = "The key of the deploy user."
  type        = string
}

locals {
  name = "orders-staging"
}

resource "hcloud_ssh_key" "deploy" {
  name       = local.name
  public_key = var.ssh_public_key
}

resource "hcloud_firewall" "web" {
  name = local.name

  rule {
    description = "SSH, for administrators"
    direction   = "in"
    protocol    = "tcp"
    port        = "22"
    source_ips  = ["192.0.2.0/24"]
  }

  rule {
    description = "HTTP"
    direction   = "in"
    protocol    = "tcp"
    port        = "80"
    source_ips  = ["0.0.0.0/0", "::/0"]
  }

  rule {
    description = "HTTPS"
    direction   = "in"
    protocol    = "tcp"
    port        = "443"
    source_ips  = ["0.0.0.0/0", "::/0"]
  }
}

resource "hcloud_server" "app" {
  name         = local.name
  server_type  = "cx22"
  image        = "debian-13"
  location     = "fsn1"
  ssh_keys     = [hcloud_ssh_key.deploy.id]
  firewall_ids = [hcloud_firewall.web.id]
  labels = {
    environment = "staging"
    project     = "orders"
  }

  user_data = <<-EOT
    #cloud-config
    package_update: true
    packages: [docker.io, docker-compose-v2, certbot]
    write_files:
      - path: /etc/docker/daemon.json
        content: |
          {"log-driver": "json-file", "log-opts": {"max-size": "10m", "max-file": "3", "tag": "orders"}}
      - path: /etc/cron.d/certbot
        content: |
          17 4 * * * root certbot renew --quiet --deploy-hook 'docker compose --project-name orders exec nginx nginx -s reload'
    runcmd:
      - install -d -o root -m 0755 "/opt/orders" "/srv/orders/database" "/srv/orders/backups"
      - certbot certonly --standalone --non-interactive --agree-tos --email ops@example.com --domain orders.staging.example.com
  EOT
}

resource "hcloud_volume" "data" {
  name              = local.name
  size              = 20
  location          = "fsn1"
  format            = "ext4"
  delete_protection = true
}

resource "hcloud_volume_attachment" "data" {
  volume_id = hcloud_volume.data.id
  server_id = hcloud_server.app.id
  automount = true
}

output "address" {
  description = "The address for the A record of orders.staging.example.com."
  value       = hcloud_server.app.ipv4_address
}
