"""Periodic duties of an account: rows in `duties`, taken by the same run and lease as workspaces."""
