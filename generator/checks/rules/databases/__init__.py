"""Rules for databases and caches, wherever they run and whoever uses them."""
