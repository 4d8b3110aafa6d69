"""The company's workspaces: the list, one of them, orders, reports and what their pages show."""
