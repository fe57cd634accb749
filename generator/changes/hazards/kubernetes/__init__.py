"""What the API server refuses, and what a change does to what runs; a module for each kind of rule."""
