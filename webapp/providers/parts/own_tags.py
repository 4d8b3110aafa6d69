"""Tags of a company's own, for everything that Berth creates: many organisations' policies demand some.

They stand in a credential's readable field as `team=data; cost-center=4711`. The rules are what Amazon and
Azure both accept (docs/evidence/aws_workspaces.md#rules-for-tags, docs/evidence/azure_avd.md#rules-for-tags).
"""

import re
from collections.abc import Mapping

from webapp.providers.parts.fields import Field

NAME = "own_tags"
MOST = 20
_KEY = re.compile(r"[\w .:@+-]{1,100}")
_VALUE = re.compile(r"[\w .:/@+-]{0,200}")
_RESERVED = ("berth", "owner-system", "aws:", "azure", "microsoft", "windows")


def own_tags(public_fields: Mapping[str, str]) -> dict[str, str]:
    """The company's own tags of a credential, by name."""
    pairs = (one.partition("=") for one in public_fields.get(NAME, "").split(";") if one.strip())
    return {key.strip(): value.strip() for key, _, value in pairs}


def problem_of(text: str) -> str | None:
    """Why these tags cannot be used, as a sentence; None if they can."""
    pairs = [one.partition("=") for one in text.split(";") if one.strip()]
    if any(not sign for _, sign, _ in pairs):
        return "Write each tag as name=value, with a semicolon between two tags."
    keys = [key.strip() for key, _, _ in pairs]
    if len(keys) > MOST:
        return f"Use at most {MOST} tags."
    if len({key.lower() for key in keys}) < len(keys):
        return "Use each tag name once; capitals make no difference."
    if reserved := next((key for key in keys if key.lower().startswith(_RESERVED)), None):
        return f"Tag names that start like “{reserved}” are reserved; choose another name."
    if not all(_KEY.fullmatch(key) for key in keys):
        return "A tag name has 1 to 100 letters, digits, spaces or . : _ @ + -."
    if not all(_VALUE.fullmatch(value.strip()) for _, _, value in pairs):
        return "A tag value has at most 200 letters, digits, spaces or . : / _ @ + -."
    return None


OWN_TAGS = Field(
    NAME,
    "Own tags",
    missing="Enter the tags.",
    help="Berth puts them on everything that it creates here from now on, such as"
    " team=data; cost-center=4711. Needed if a policy of your organisation demands tags.",
    longest=2000,
    check=problem_of,
    default="",
    is_note=True,
)
