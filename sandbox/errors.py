"""What both simulated clouds refuse alike."""

from __future__ import annotations


class ControlError(Exception):
    """A request to the control API that makes no sense; answered with 400 and this sentence."""
