"""Runs that are stopped, or fail, at each call that touches a file."""
