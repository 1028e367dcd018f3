"""Children, gifts and portfolios for parents' mobile apps, in camelCase."""
