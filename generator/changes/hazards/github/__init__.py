"""What a workflow may do now, and what it no longer does: a module for each rule."""
