"""The simulator's own tests: its mistakes would become wrong numbers elsewhere."""
