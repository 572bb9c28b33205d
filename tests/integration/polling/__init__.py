"""Polling for hours, in a time that passes as fast as a test wants."""
