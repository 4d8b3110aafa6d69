"""The chain of the trail: each link vouches for one entry and for all before it."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_HEAD = re.compile(r"\b([1-9][0-9]{0,17}):([0-9a-f]{16}(?:-[0-9a-f]{16}){3})\b")
FIRST = "0" * 64
"""What stands before the first link."""


class ChainKeys:
    """Keys of the workers `background`: the web server and its database user have none of them."""

    def __init__(self, private_keys: Sequence[str]) -> None:
        """Made from private keys of the installation, the newest first."""
        keys = [hmac.digest(one.encode(), b"berth: chain of the trail", "sha256") for one in private_keys]
        self._by_id = {hashlib.sha256(key).hexdigest()[:8]: key for key in keys}

    @property
    def newest_id(self) -> str | None:
        return next(iter(self._by_id), None)

    def knows(self, key_id: str) -> bool:
        return key_id in self._by_id

    def mac(self, key_id: str, position: int, before: str, entry: Mapping[str, Any]) -> str:
        """Raises KeyError for a key that is not here."""
        # Sorted and without spaces: the same entry gives the same text on every database.
        text = json.dumps([position, before, entry], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hmac.digest(self._by_id[key_id], text.encode(), "sha256").hex()


def head_of(position: int, mac: str) -> str:
    """As the log and the check have it; in groups, since the log replaces what looks like a key."""
    return f"{position}:{'-'.join(mac[start : start + 16] for start in range(0, 64, 16))}"


def heads_in(text: str) -> set[tuple[int, str]]:
    """Positions and MACs."""
    return {(int(found[1]), found[2].replace("-", "")) for found in _HEAD.finditer(text)}
