"""The weekly hours of a contract, as programs send and get them."""

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range

from webapp.api.schemas.fields import text
from webapp.domain.hours.public_holidays import LONGEST_PLACE
from webapp.domain.hours.reading import MOST_SHIFTS_A_DAY
from webapp.domain.hours.week import LEAST_IDLE_MIN, MOST_IDLE_MIN, USUAL_IDLE_MIN, Weekday

DAYS = [day.name.lower() for day in Weekday]
_CLOCK = {"examples": ["09:00"]}


class HoursShift(Schema):
    day = fields.String(required=True, validate=OneOf(DAYS))
    start = text(longest=5, shortest=1, required=True, data_key="from", attribute="from", metadata=_CLOCK)
    end = text(
        longest=5,
        shortest=1,
        required=True,
        data_key="to",
        attribute="to",
        metadata={"description": "Up to 24:00. Not after `from`: in the night after.", "examples": ["17:30"]},
    )


class WeeklyHours(Schema):
    """In which the desktop runs: started before a shift, stopped after it when nobody is connected."""

    zone = text(
        longest=64,
        shortest=1,
        required=True,
        metadata={"description": "In which the times are meant.", "examples": ["Europe/Berlin"]},
    )
    shifts = fields.List(fields.Nested(HoursShift), required=True, validate=Length(1, 7 * MOST_SHIFTS_A_DAY))
    holidays = text(
        longest=LONGEST_PLACE,
        shortest=2,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "The country, or its part, on whose public holidays there are no shifts.",
            "examples": ["DE-BY"],
        },
    )
    idle_minutes = fields.Integer(
        strict=True,
        load_default=USUAL_IDLE_MIN,
        validate=Range(LEAST_IDLE_MIN, MOST_IDLE_MIN),
        metadata={"description": "Outside the hours it is stopped after so long without anybody connected."},
    )
