"""The people of the demo whom the sign-in page offers; `sandbox/seed.py` adds them to the database."""

from typing import NamedTuple


class DemoPerson(NamedTuple):
    email: str
    name: str
    does: str


DEMO_PEOPLE = {
    "provider": DemoPerson("provider@demo.example", "Pia Lund", "hires"),
    "seeker": DemoPerson("seeker@demo.example", "Sam Okafor", "applied for a job"),
}
