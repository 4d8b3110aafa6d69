"""Real processes, servers and clouds on one clock, and the trouble that is made for them."""
