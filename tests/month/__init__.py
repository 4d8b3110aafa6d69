"""A month of many people: the real engine on a clock that jumps, and two clouds that take their time."""
