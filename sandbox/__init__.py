"""Simulated clouds on loopback, with the clouds' own wire protocols. The product never imports them."""
