"""Berth under attack: `python -m tests.crash` runs as much of it as you ask for (docs/testing.md)."""
