"""The account's rate limit: WorkSpaces takes about 2 calls a second, 5 in a burst, per account and region."""

from __future__ import annotations

CALLS_PER_S = 2.0
BURST = 5.0
