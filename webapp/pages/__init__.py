"""The HTML door."""

from flask import Flask


def register(app: Flask) -> None:
    """Join every blueprint of pages to the app."""
