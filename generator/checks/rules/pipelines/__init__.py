"""Rules for the pipelines of other services than GitHub, and for schedules."""
