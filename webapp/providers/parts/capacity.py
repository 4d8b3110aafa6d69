"""How many desktops an account of a cloud can have, and make: how fast, and whom to ask for more."""

from collections.abc import Callable
from dataclasses import dataclass

from webapp.domain.in_time import CreatePace


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaNames:
    """What a request for more quota says, in the cloud's own words."""

    service: str
    quota: str
    code: str
    region_field: str
    """The public field of a cloud account that names its region."""
    url: Callable[[str], str]
    """Where the request is sent, by region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    pace: CreatePace
    quota: QuotaNames | None
    """None: this cloud has no quota that Berth knows."""
