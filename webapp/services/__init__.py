"""The services behind pages and API: one verb per function; check, change, commit, notify. No cloud calls."""
