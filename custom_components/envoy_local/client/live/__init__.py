"""Power by the second: the best source there is, and why it is no better one."""
