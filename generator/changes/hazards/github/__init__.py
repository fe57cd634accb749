"""What a workflow may do that it might not before, and what it does no longer; a module for each kind of rule."""
