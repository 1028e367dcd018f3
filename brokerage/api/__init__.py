"""The broker's room for mobile apps."""
