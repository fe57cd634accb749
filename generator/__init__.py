"""oetgen: one short values file per environment, and every deployment file that follows from it."""

__version__ = "0.1.0"
