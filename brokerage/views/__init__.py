"""Pages of the broker's room, one file a noun."""
