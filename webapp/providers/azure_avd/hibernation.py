"""Whether desktops of a credential are hibernated outside their working hours, or stopped."""

from collections.abc import Mapping

from webapp.providers.parts.fields import Field, Kind

NAME = "hibernation"
OFF, ON = "off", "on"
HIBERNATION = Field(
    NAME,
    "Outside working hours",
    missing="Choose what happens outside working hours.",
    help="A hibernated desktop opens with everything that was open. Only desktops that are made from now on,"
    " in sizes that can do it; the others are stopped.",
    kind=Kind.CHOICE,
    choices={OFF: "Stop desktops", ON: "Hibernate desktops"},
    default=OFF,
    shows_codes=False,
    is_note=True,
    problem="Choose one of the two.",
)


def hibernates(public_fields: Mapping[str, str]) -> bool:
    """A credential from before this field has none of it."""
    return public_fields.get(NAME, OFF) == ON
