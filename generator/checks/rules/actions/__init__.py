"""Rules for GitHub's workflows."""
