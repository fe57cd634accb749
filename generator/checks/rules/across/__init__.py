"""Rules for facts on which files of several languages must agree."""
