"""What the API server refuses, and what a change does to running objects: a module for each rule."""
