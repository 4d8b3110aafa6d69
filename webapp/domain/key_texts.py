"""A key of the vault as text, base64 of its 32 bytes: every process can check it, few load what uses keys."""

import base64
import binascii


class MalformedKey(ValueError):
    """The text is not base64 of 32 bytes."""


def decode_key(text: str) -> bytes:
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedKey("not base64") from error
    if len(raw) != 32:
        raise MalformedKey("not 32 bytes long")
    return raw
