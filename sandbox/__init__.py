"""Simulated clouds on loopback, spoken to over the clouds' own wire protocols. Never imported by the product."""
