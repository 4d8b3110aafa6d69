"""What troubleshooting says while the cloud holds a desktop because somebody asked for an image of it."""

from webapp.domain.causes import REFRESH
from webapp.domain.facts import Facts, remedies
from webapp.domain.findings import Finding, Severity


def creates_image(facts: Facts) -> Finding | None:
    if not facts.is_held_for_image:
        return None
    return Finding(
        "creates_image",
        Severity.INFO,
        "The cloud is creating an image of the desktop’s system.",
        "Nobody can use it meanwhile, and it cannot be terminated. This takes up to 45 minutes; it comes back"
        " by itself.",
        {"cloud_says": facts.cloud_word, "last_look_at": facts.observed_at},
        remedies(facts, REFRESH),
    )
