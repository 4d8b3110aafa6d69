"""A hand-over to the next person, and a desktop given back to one who is hired again."""

from marshmallow import Schema, fields

from webapp.api.schemas.fields import Flag, object_id, text
from webapp.api.schemas.window import end_of_window
from webapp.api.schemas.workspace import LONGEST_USERNAME


class HandOverRequest(Schema):
    """Omitted dates: the next person's contract is what is left of the former one."""

    application_id = object_id(
        required=True,
        metadata={
            "description": "Of the next person: approved or undecided for the same job, or approved for"
            " another one. The person is approved for the job by this call."
        },
    )
    username = text(
        longest=LONGEST_USERNAME,
        required=True,
        metadata={"description": "The next person’s, as in an order.", "examples": ["mina.park"]},
    )
    create_user = Flag(load_default=False)
    keep = Flag(
        load_default=False,
        metadata={
            "description": "Keep the former desktop, closed, for the company’s grace after a contract. If"
            " false, it is deleted now, with all its files."
        },
    )
    starts_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "Of the next person’s contract. Null: from now on."}
    )
    ends_at = end_of_window()
    window_zone = text(longest=64, shortest=1, metadata={"examples": ["Europe/Berlin"]})


class GiveBackRequest(Schema):
    application_id = object_id(
        required=True, metadata={"description": "Under which the person is hired again: approved."}
    )
