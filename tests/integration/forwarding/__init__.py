"""Forwarding to InfluxDB from a Home Assistant, and the options about it."""
