"""Hostile projects, built by code, and the proof that reading them does nothing to the machine that reads them."""
