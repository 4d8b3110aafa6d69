"""Berth: cloud desktops for the people a company hires."""

VERSION = "0.1.0"
"""Of this release, as in `pyproject.toml`, which production does not read."""
