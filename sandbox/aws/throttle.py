"""The account's rate limit: WorkSpaces allows about 2 calls a second, bursts of 5, per account and region."""

from __future__ import annotations

CALLS_PER_S = 2.0
BURST = 5.0
