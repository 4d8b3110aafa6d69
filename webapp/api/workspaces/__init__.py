"""Workspaces: orders, lists, actions and reports."""
