"""The people of the demo whom the sign-in page offers; `sandbox/seed.py` adds them to the database."""

from typing import NamedTuple

from webapp.domain.sentences import say


class DemoPerson(NamedTuple):
    email: str
    name: str
    does: str


DEMO_PEOPLE = {
    "provider": DemoPerson("provider@demo.example", "Pia Lund", say("hires")),
    "seeker": DemoPerson("seeker@demo.example", "Sam Okafor", say("applied for a job")),
}
