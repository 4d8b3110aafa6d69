"""How often what Berth sends to others is tried again: messages of webhooks, and mails."""

BACKOFF_S = (5, 30, 120, 600, 1800, 7200, 21_600, 43_200)
"""Waits after each failed attempt; after the last one Berth gives up, about a day after the first."""


def wait_s(failures: int, jitter: float) -> float | None:
    """How long to wait after so many failed attempts; None: give up."""
    return None if failures > len(BACKOFF_S) else BACKOFF_S[failures - 1] * jitter
