"""The parents' pages from a phone number to a form filled in."""
