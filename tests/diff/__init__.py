"""What differs by meaning."""
