"""Frozen models: what the gateway said, in the field's own terms."""
