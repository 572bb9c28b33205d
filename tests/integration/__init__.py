"""The integration inside Home Assistant, against the simulator over the wire."""
