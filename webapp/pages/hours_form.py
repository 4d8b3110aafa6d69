"""The weekly hours of a contract on a form: one line for all workdays, one for each day that differs."""

from typing import Any

from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import Optional

from webapp.domain.hours.public_holidays import is_place, list_places
from webapp.domain.hours.reading import LONGEST_DAY, TypedHours, typed_of
from webapp.domain.hours.week import USUAL_IDLE_MIN, Hours, Weekday
from webapp.pages.fields import BerthForm, at_most, zone_choices

_LIKE_THE_REST = [Optional(), at_most(LONGEST_DAY)]


class HoursFields(BerthForm):
    """A part of the contract's form."""

    workdays = StringField("Monday to Friday", _LIKE_THE_REST)
    monday = StringField("Monday", _LIKE_THE_REST)
    tuesday = StringField("Tuesday", _LIKE_THE_REST)
    wednesday = StringField("Wednesday", _LIKE_THE_REST)
    thursday = StringField("Thursday", _LIKE_THE_REST)
    friday = StringField("Friday", _LIKE_THE_REST)
    saturday = StringField("Saturday", _LIKE_THE_REST)
    sunday = StringField("Sunday", _LIKE_THE_REST)
    hours_zone = SelectField("Time zone of the working hours", validate_choice=False)
    holidays = SelectField("No shifts on public holidays of", validate_choice=False)
    idle_minutes = IntegerField("Minutes without anybody connected", [Optional()])

    @property
    def weekdays(self) -> list[Any]:  # fields
        return [self[day.name.lower()] for day in Weekday]

    @property
    def is_by_day(self) -> bool:
        """Is a day different from the rest, or wrong?"""
        return any(one.data or one.errors for one in self.weekdays)

    def offer_hours(self) -> None:
        """What can be chosen."""
        own, places = self.holidays.data or "", list_places()
        # Also another code of a place, which a program has sent: the form would take it away.
        more = () if own in places or not is_place(own) else (own,)
        self.holidays.choices = [("", "no place"), *((place, place) for place in (*places, *more))]
        self.hours_zone.choices = [("", "as above"), *zone_choices(self.hours_zone.data or "")]

    def hours(self, zone: str) -> tuple[Hours | None, bool]:
        """None: none are typed. False: something is wrong, and stands beside its field.

        `zone`: the contract's, which counts where the hours have none of their own.
        """
        own = self.hours_zone.data
        read = TypedHours(
            own or zone,
            self.workdays.data or "",
            {day: self[day.name.lower()].data or "" for day in Weekday},
            self.holidays.data or "",
            self.idle_minutes.data,
        ).read()
        for one in read.problems:
            self._put(one.message, field="hours_zone" if own and one.field == "zone" else one.field)
        return read.hours, not read.problems


def hours_data(hours: Hours | None, *, zone: str) -> dict[str, Any]:
    """What the fields show first. `zone`: the contract's."""
    typed = typed_of(hours, zone="UTC")
    days = {day.name.lower(): typed.days.get(day, "") for day in Weekday}
    idle = USUAL_IDLE_MIN if typed.idle_minutes is None else typed.idle_minutes
    own = {"hours_zone": hours.zone if hours and hours.zone != zone else ""}
    return {"workdays": typed.workdays, "holidays": typed.holidays, "idle_minutes": idle, **days, **own}
