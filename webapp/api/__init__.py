"""The JSON door: mirrors the documented API."""

from flask import Flask


def register(app: Flask) -> None:
    """Join the API to the app."""
