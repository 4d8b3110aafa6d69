"""Simulated clouds on loopback that speak the clouds' own wire protocols. The product never imports it."""
