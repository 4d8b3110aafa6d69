"""Berth under attack: `python -m tests.crash` runs as much of it as it is told (docs/testing.md)."""
