"""Berth's own backup: the database as a folder with a manifest, made while Berth works."""
