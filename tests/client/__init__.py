"""The client, mostly through the wire."""
