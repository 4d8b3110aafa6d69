"""A line of a list of people to be hired: whom it invites, and with which contract."""

from datetime import datetime

from webapp.domain.errors import Invalid
from webapp.domain.listed_windows import is_date
from webapp.domain.people_lists import ListedPerson
from webapp.services.invitations import Wanted
from webapp.services.window_refusals import check_new_window


def wanted_of(listed: ListedPerson, *, zone: str, now: datetime) -> Wanted:
    """`zone`: of a contract without one. Raises Invalid for what the line does not say clearly."""
    if listed.problem or not listed.email:
        raise Invalid(listed.problem or "There is no e-mail address in it.")
    lost = next((cell for cell in listed.unused if is_date(cell)), None)
    if lost is not None:
        raise Invalid(
            f"Berth does not know what the date “{lost}” is. Add a first line with the columns’ names."
        )
    window = listed.window.in_zone(zone).window()
    if window is not None:
        check_new_window(window, now=now)
    return Wanted(listed.email, listed.name, window=window)
