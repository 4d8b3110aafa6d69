"""Every source can be opened: citations lead to a heading, entries say where they are from, links resolve."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.documents import (
    DECISIONS,
    EVIDENCE,
    Entry,
    anchors_of,
    documents,
    entries_of,
    links_of,
    paragraphs_of,
    texts,
)
from tests.architecture.sources import ROOT, name_of

CITATION = re.compile(r"docs/(?:evidence|decisions)/\w+\.md(?:#[\w-]+)?")
OLD_CITATION = re.compile(
    r"\b(?:aws|azure|fact|stack) sheets?\b|\b(?:reliability|stack) facts\b|\b(?:design|sheet), section",
    re.I,
)
MARK = re.compile(r"\*\*(VERIFIED|UNVERIFIED)\*\* · read \d{4}-\d{2}(?:-\d{2})? · (.+)")
HAS_SOURCE = re.compile(r"https://|no public page")
FACTS = sorted(path for path in EVIDENCE.glob("*.md") if path.stem != "README")
ENTRIES = [entry for path in FACTS for entry in entries_of(path)]
PAGES = sorted(path for path in DECISIONS.glob("*.md") if path.stem != "README")
PARTS = ["Context", "Choice", "What it costs", "Alternatives"]
SELF = Path(__file__)


def _citations() -> dict[str, set[str]]:
    """Each cited place, with the files that cite it."""
    found: dict[str, set[str]] = {}
    for path, text in texts().items():
        for place in CITATION.findall(text):
            found.setdefault(place, set()).add(name_of(path))
    return found


def _problem(target: Path, anchor: str) -> str | None:
    if not target.exists():
        return "no such file"
    if anchor and anchor not in anchors_of(target):
        return "no such heading"
    return None


def test_every_citation_leads_to_a_heading() -> None:
    broken = {}
    for place, files in _citations().items():
        name, _, anchor = place.partition("#")
        is_fact = name.startswith("docs/evidence/") and not name.endswith("README.md")
        problem = "no heading is named" if is_fact and not anchor else _problem(ROOT / name, anchor)
        if problem:
            broken[place] = (problem, sorted(files))

    assert broken == {}


def test_nothing_cites_a_document_that_is_not_here() -> None:
    found = {
        f"{name_of(path)}:{text.count(chr(10), 0, match.start()) + 1}": match.group()
        for path, text in texts().items()
        if path != SELF
        for match in OLD_CITATION.finditer(text)
    }

    assert found == {}


def _faults_of(entry: Entry) -> Iterator[str]:
    paragraphs = paragraphs_of(entry.text)
    marks = [one for one in paragraphs if one.startswith("**")]
    if not marks:
        yield "VERIFIED or UNVERIFIED?"
    for mark in marks:
        found = MARK.fullmatch(mark)
        if not found:
            yield f"not a mark with a day and a source: {mark}"
        elif not HAS_SOURCE.search(found.group(2)):
            yield f"name the public page, or say that there is none: {mark}"
    for position, one in enumerate(paragraphs):
        is_open = one.startswith("**UNVERIFIED")
        if is_open and not any(later.startswith("Either way:") for later in paragraphs[position + 1 :]):
            yield f"what holds either way? {one}"


def test_a_fact_has_its_mark_day_and_source() -> None:
    assert len(ENTRIES) > 80
    assert {entry.name: faults for entry in ENTRIES if (faults := list(_faults_of(entry)))} == {}


def test_no_two_facts_of_a_file_share_an_anchor() -> None:
    names = [entry.name for entry in ENTRIES]

    assert sorted(set(names)) == sorted(names)


def test_every_fact_is_used() -> None:
    """By code, or by a page that links to it."""
    linked = {
        f"{(path.parent / file).resolve().relative_to(ROOT).as_posix()}#{anchor}"
        for path in documents()
        for file, _, anchor in (link.partition("#") for link in links_of(path))
        if file and "://" not in file and anchor
    }

    assert {entry.name for entry in ENTRIES} - linked - set(_citations()) == set()


def test_a_decision_is_one_page_with_four_parts() -> None:
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")

    assert {
        page.stem: titles
        for page in PAGES
        if (titles := [entry.title for entry in entries_of(page)]) != PARTS
    } == {}
    lengths = {page.stem: len(page.read_text(encoding="utf-8").splitlines()) for page in PAGES}
    assert {name: lines for name, lines in lengths.items() if lines > 60} == {}
    assert [page.name for page in PAGES if f"({page.name})" not in index] == []


def test_every_link_between_documents_resolves() -> None:
    broken = {}
    for path in documents():
        for link in links_of(path):
            if "://" in link or link.startswith("mailto:"):
                continue
            file, _, anchor = link.partition("#")
            target = (path.parent / file).resolve() if file else path
            if problem := _problem(target, anchor if target.suffix == ".md" else ""):
                broken[name_of(path), link] = problem

    assert len(documents()) > 40
    assert broken == {}


def test_the_architecture_says_what_is_and_stays_short() -> None:
    assert len((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").splitlines()) <= 250
