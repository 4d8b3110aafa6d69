"""By what a company's costs are added up."""

from enum import StrEnum


class Dimension(StrEnum):
    DESKTOP = "desktop"
    JOB = "job"
    PERSON = "person"
    BUNDLE = "bundle"
    CLOUD = "cloud"
    CREDENTIAL = "credential"
    DAY = "day"
    """The bill's days with their remainders: the whole of the bill."""
    REMAINDER = "remainder"
    """What the bill has and no desktop explains (`bills.Remainder`)."""
