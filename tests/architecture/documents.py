"""The repository's documents as the architecture tests read them: headings, links, entries of evidence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.architecture.sources import ROOT

EVIDENCE, DECISIONS = ROOT / "docs" / "evidence", ROOT / "docs" / "decisions"
_KINDS = {".py", ".html", ".css", ".js", ".json", ".ps1", ".toml", ".md", ".example", ".service", ""}
_FENCE = re.compile(r"^```.*?^```", re.M | re.S)
_HEADING = re.compile(r"^(#{1,6}) +(.+?) *$", re.M)
_LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
_CODE = re.compile(r"`[^`\n]*`")


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact: a heading of the second level, and what stands below it."""

    file: Path
    title: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.file.relative_to(ROOT).as_posix()}#{slug_of(self.title)}"


def slug_of(title: str) -> str:
    """The anchor that the usual viewers of Markdown give a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@cache
def anchors_of(path: Path) -> frozenset[str]:
    text = _FENCE.sub("", path.read_text(encoding="utf-8"))
    return frozenset(slug_of(title) for _, title in _HEADING.findall(text))


def links_of(path: Path) -> Iterator[str]:
    """The targets of its links; not what stands in examples."""
    text = _CODE.sub("", _FENCE.sub("", path.read_text(encoding="utf-8")))
    yield from (target for target in _LINK.findall(text))


def entries_of(path: Path) -> Iterator[Entry]:
    parts = re.split(r"^## +(.+?) *$", path.read_text(encoding="utf-8"), flags=re.M)
    for title, text in zip(parts[1::2], parts[2::2], strict=True):
        yield Entry(path, title, text)


def paragraphs_of(text: str) -> list[str]:
    return [" ".join(one.split()) for one in re.split(r"\n\s*\n", text) if one.strip()]


@cache
def texts() -> dict[Path, str]:
    """Every text file that is ours: sources, templates, documents."""
    folders = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    files = [path for folder in folders for path in folder.rglob("*")]
    found = [*files, *ROOT.glob("*.md"), ROOT / "pyproject.toml"]
    wanted = [path for path in found if path.is_file() and "__pycache__" not in path.parts]
    return {path: path.read_text(encoding="utf-8") for path in wanted if path.suffix in _KINDS}


def documents() -> list[Path]:
    return sorted(path for path in texts() if path.suffix == ".md")
