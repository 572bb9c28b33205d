"""The client: talks to one gateway, and knows nothing of Home Assistant."""
