"""Berth: cloud desktops for the people a company hires."""
