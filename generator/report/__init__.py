"""Findings as text for people and machines. Nothing here prints."""
