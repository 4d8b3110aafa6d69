"""The window of a contract as programs send it."""

from typing import Any

from marshmallow import fields

from webapp.api.schemas.fields import text


def start_of_window(**more: Any) -> fields.AwareDateTime:  # marshmallow's own keywords
    said = {"description": "Of the contract. Null: from now on.", "examples": ["2027-03-01T08:00:00+01:00"]}
    return fields.AwareDateTime(allow_none=True, metadata=said, **more)


def end_of_window(**more: Any) -> fields.AwareDateTime:  # marshmallow's own keywords
    said = {"description": "No access from then on. Null: without an end."}
    return fields.AwareDateTime(allow_none=True, metadata=said, **more)


def zone_of_window() -> fields.String:
    said = {"description": "In which pages show the contract.", "examples": ["Europe/Berlin"]}
    return text(longest=64, shortest=1, load_default="UTC", metadata=said)
