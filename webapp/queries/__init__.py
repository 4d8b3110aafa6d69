"""Queries: selects within one company, in a total order. They never write or commit."""
