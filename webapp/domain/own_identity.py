"""What this installation itself is in a cloud, where companies let it in without giving it a key."""

from dataclasses import dataclass, field
from typing import Literal, get_args

Source = Literal["off", "key", "token_file", "container", "instance"]
"""`key`: one key of the installation. `token_file`: a token that the platform puts into a file and renews.
`container`, `instance`: the metadata service of the machine that Berth runs on."""
SOURCES: tuple[str, ...] = get_args(Source)


@dataclass(frozen=True, slots=True)
class OwnIdentity:
    source: Source = "off"
    key_id: str = ""
    secret: str = field(default="", repr=False)
    principal: str = ""
    """What companies name in their trust policy; it is no secret."""
