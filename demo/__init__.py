"""Home Assistant with the integration set up against the simulator, to look at."""
