"""Proves that a rendered tree holds all that the specification's own files say."""
