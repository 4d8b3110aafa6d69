"""The text of an uploaded list: which encoding a program saved it in."""

import codecs

_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How files of Excel begin, new and old."""
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class UnreadableFile(Exception):
    """Not a text file; the message is for people."""


def text_of_file(content: bytes) -> tuple[str, str | None]:
    """The text, and a sentence if its encoding is a guess. Raises UnreadableFile."""
    if content.startswith(_WORKBOOK):
        raise UnreadableFile(
            "This is an Excel workbook. Save it as “CSV UTF-8” and choose that file, or copy the cells and"
            " paste them."
        )
    try:
        for mark, encoding in _MARKS:
            if content.startswith(mark):
                return content.decode(encoding), None
        if silent := _utf_16_without_mark(content):
            return content.decode(silent), None
        if b"\x00" in content or content.startswith(b"%PDF"):
            raise UnreadableFile("This is not a text file. Choose a CSV or text file.")
        return content.decode(), None
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), (
            "The file does not say its encoding; Berth read it as Western European (Windows-1252)."
            " Check the letters in the names."
        )


def _utf_16_without_mark(content: bytes) -> str | None:
    """Every second byte of plain letters in UTF-16 is zero."""
    pairs = content[:200]
    if len(pairs) < 4 or len(content) % 2:
        return None
    half = len(pairs) // 2
    if pairs[1::2].count(0) > half // 2:
        return "utf-16-le"
    return "utf-16-be" if pairs[0::2].count(0) > half // 2 else None
