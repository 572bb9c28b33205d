"""Custom components, as Home Assistant expects to find them."""
