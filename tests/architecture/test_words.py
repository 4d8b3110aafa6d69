"""One word per thing: the words and identifiers of a former private vocabulary do not come back.

The README's word list has the words to use.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, name_of
from tests.cases import each_case

EXEMPT = (
    "migrations/versions/",  # history: a migration keeps the names of its time
    "CHANGELOG.md",  # says what the former words have become
    "LICENSE",
    "requirements",  # generated
    "tests/architecture/test_migrations.py",  # inserts rows into columns with their former names
    "tests/architecture/test_words.py",
    "tests/jobs/test_former_names.py",  # aliases of published names
)
TEXT = {
    "",
    ".conf",
    ".css",
    ".example",
    ".html",
    ".in",
    ".ini",
    ".js",
    ".json",
    ".mako",
    ".md",
    ".ps1",
    ".py",
    ".service",
    ".toml",
}

FORMER_WORDS = {
    "told": "said, reported, sent",
    "ill": "unavailable, failed",
    "anew": "again",
    "mend(?:s|ed|ing)?": "fix",
    "dealt with": "resolved",
    "wish(?:es|ed)?": "request",
    "doors?": "page, API, entry point",
    "doorbells?|bells?|rings?|rang|rung|ringing|key.?rings?": "notifier, notify, acknowledge; keys",
    "tend(?:s|ed|ing)?": "reconcile",
    "sightings?": "observation",
    "chores?": "follow-up",
    "radar": "drift detection",
    "lessons?": "setup guide",
    "grammars?": "connection provider",
    "seats?": "connection input",
    "deeds?": "event handlers",
}
"""Patterns of former words in any case, also as parts of a `snake_case` name, and what to write instead."""
FORMER_NAMES = (
    r"\b(?:\w*Sighting\w*|\w*Chore[sA-Z]?\w*|\w*Wish(?:es)?|CloudSpeech|SPEECH|Doors|\w*Bell|\w*Lesson\w*)\b"
)
"""The same for names in `CamelCase`."""
ALIASES = {
    'FORMER_QUEUES = {"tend": "reconcile", "deliver": BACKGROUND}',
    'FORMER_JOB_NAMES = {"jobs.tend": JobName.RECONCILE}',
}
"""Lines of webapp/queueing.py that keep a former word: workers still serve it."""


def _texts() -> Iterator[tuple[str, Path]]:
    for path in sorted(ROOT.rglob("*")):
        name = name_of(path)
        is_ours = not any(part.startswith((".", "__pycache__")) for part in name.split("/"))
        if is_ours and path.is_file() and path.suffix in TEXT and not name.startswith(EXEMPT):
            yield name, path


def _former_words(line: str) -> list[str]:
    words = rf"(?<![a-z])(?:{'|'.join(FORMER_WORDS)})(?![a-z])"
    return re.findall(words, line, re.IGNORECASE) + re.findall(FORMER_NAMES, line)


def test_former_words_do_not_come_back() -> None:
    found = [
        f"{name}:{number}: {', '.join(words)}"
        for name, path in _texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if line not in ALIASES and (words := _former_words(line))
    ]

    assert found == [], f"use the words of the README: {FORMER_WORDS}"


def test_every_kind_of_text_is_read() -> None:
    names = {name for name, _ in _texts()}

    assert {
        "README.md",
        "bin/run",
        "docs/deploy/berth.env.example",
        "static/js/app.js",
        "templates/layouts/base.html",
        "webapp/factory.py",
        "tests/desk.py",
    } <= names


@each_case(
    "line",
    [
        "a ring was lost",
        "def tend_account(",
        "self._ring",
        "class OrderWish:",
        "# Mended.",
        "It is dealt with",
    ],
)
def test_a_former_word_is_found(line: str) -> None:
    assert _former_words(line)


@pytest.mark.parametrize(
    "line", ["monitoring", "a string", "I'll still wait", "attend", "a recommended bundle"]
)
def test_a_word_that_only_contains_one_is_not(line: str) -> None:
    assert _former_words(line) == []
