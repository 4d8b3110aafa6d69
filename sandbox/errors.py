"""Errors of both control APIs."""

from __future__ import annotations


class ControlError(Exception):
    """An invalid request to the control API: status 400 with this message."""
