"""Warm pools, working hours, changes of size and moves, played under the seeded scheduler."""
