"""`/api/v1/`: what tenants' servers call, with a key, in snake_case."""
