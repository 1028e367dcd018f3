"""Settings, addresses and entry points of the site; nothing else lives here."""
