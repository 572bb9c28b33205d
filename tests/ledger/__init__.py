"""The ledger against series of which the truth is known."""
