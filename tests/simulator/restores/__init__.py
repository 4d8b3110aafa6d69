"""Backups and restores on both clouds, played under the seeded scheduler."""
