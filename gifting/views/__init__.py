"""Pages about children and gifts."""
