"""What statuses at the broker mean, in words for the family, one file a noun."""
