"""The companies on the platform, each with its own settings. StockSprout itself is the first."""
