"""Forwards every reading to InfluxDB: points, a spool on disk, and a sender."""
