"""Plaid's side: Layer, Link in a stand-in for its window, Items and their data, webhooks."""
