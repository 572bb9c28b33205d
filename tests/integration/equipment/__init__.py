"""Batteries and all that stands beside them, through the wire into Home Assistant."""
