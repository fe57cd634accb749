"""Rules for Dockerfiles and Compose files."""
