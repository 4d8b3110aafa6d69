"""Rates of calls: what a cloud allows one account."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    per_s: float
    burst: int
