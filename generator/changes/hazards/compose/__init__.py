"""Hazards of Compose files."""
