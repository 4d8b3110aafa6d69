"""Which messages the sources contain: what every catalogue must have."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir

from tests.architecture.sources import ROOT

METHODS = [
    ("templates/**.html", "jinja2.ext:babel_extract"),
    ("templates/**.txt", "jinja2.ext:babel_extract"),
    ("webapp/**.py", "python"),
    ("static/js/**.js", "javascript"),
]
OPTIONS = {
    "templates/**.html": {"trimmed": "true", "silent": "false"},
    "templates/**.txt": {"trimmed": "true", "silent": "false"},
}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "say": None,
    "say_many": (1, 2),
    "sayMany": (1, 2),
}
CODES = [("webapp/domain/**.py", "python")]
ENTRIES = ({"Entry": (1,)}, {"Entry": (2,)})
"""`domain.codes.shape.Entry`: a message and a remedy."""
FOLDERS = ("templates", "webapp", "static")


@dataclass
class Message:
    id: str | tuple[str, ...]
    files: list[str] = field(default_factory=list)


@lru_cache
def messages() -> dict[str, Message]:
    """By their message, or the first form of those that count something, in the order of the sources."""
    found: dict[str, Message] = {}
    for file, message in _each():
        key = message if isinstance(message, str) else message[0]
        known = found.setdefault(key, Message(message))
        if not isinstance(message, str):
            known.id = message  # in another place it may be without its other form
        if file not in known.files:
            known.files.append(file)
    return found


def template() -> Catalog:
    """As gettext has it, without numbers of lines, which change all the time."""
    made = Catalog(project="Berth", fuzzy=False)
    for one in messages().values():
        made.add(one.id, locations=[(file, None) for file in sorted(one.files)])  # type: ignore[list-item]
    return made


def _each() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    for methods, keywords in ((METHODS, KEYWORDS), *((CODES, one) for one in ENTRIES)):
        found = extract_from_dir(ROOT, methods, OPTIONS, keywords, directory_filter=_is_source)
        for file, _line, message, _comments, _context in found:
            yield file, message


def _is_source(folder: str) -> bool:
    name = folder.removeprefix(str(ROOT)).strip("/")
    return name.split("/")[0] in FOLDERS and "translations" not in name
