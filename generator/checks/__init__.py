"""The rules for the output: each file by the rules of its consumer, and all files against each other."""
