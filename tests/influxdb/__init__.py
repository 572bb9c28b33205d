"""Tests of the forwarding to InfluxDB."""
