"""Rules for every file, whatever its language, and for scripts."""
