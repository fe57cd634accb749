"""Rules for databases and caches, and for the programs and tests that use them."""
