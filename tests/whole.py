"""A sample of the long campaigns is played with every change; `bin/test --whole` plays them whole.

What is left out of the sample has the mark `campaign`: cases of a kind of which others are played. A test on
both databases is played on one of them, in turn; on both what they do differently (BOTH).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any
from zlib import crc32

import pytest

DATABASES = ("sqlite", "postgresql")
BOTH = (
    "tests/api/test_idempotency.py",
    "tests/architecture/",
    "tests/config/",
    "tests/crash/",
    "tests/engine/test_duties.py",
    "tests/engine/test_flow.py",
    "tests/jobs/",
    "tests/live/",
    "tests/mail/test_crashes.py",
    "tests/mail/test_digests.py",
    "tests/mail/test_occasions.py::test_who_presses_at_the_same_moment",
    "tests/mail/test_sending.py",
    "tests/pages/single_sign_on/",
    "tests/pages/test_colleagues.py",
    "tests/pages/test_database_trouble.py",
    "tests/pages/test_deadlocks.py",
    "tests/scale/",
    "tests/services/test_database_rights.py",
    "tests/services/test_hand_overs.py::test_a_worker_that_changes_the_former_one",
    "tests/services/test_invited_windows.py::test_what_somebody_has_set_meanwhile",
    "tests/services/test_kept_limits.py",
    "tests/services/test_limits.py",
    "tests/services/test_order_limits.py",
    "tests/services/test_orders.py",
    "tests/services/test_passkey_answers.py",
    "tests/services/test_rehiring.py::test_who_writes_first",
    "tests/services/test_rehiring.py::test_two_who_come_back",
    "tests/services/test_removal.py::test_of_the_last_two",
    "tests/trail/",
    "tests/webhooks/test_delivering.py",
)
"""Several who write at once, rights, plans, migrations, lost connections; and one life of a desktop."""


def in_turn(*dimensions: Sequence[object]) -> list[Any]:
    """For `parametrize`: every combination; the sample plays each value of each dimension."""
    turns = range(max(len(values) for values in dimensions))
    sample = {tuple(turn % len(values) for values in dimensions) for turn in turns}
    return [
        pytest.param(
            *(values[place] for values, place in zip(dimensions, places, strict=True)),
            marks=() if places in sample else pytest.mark.campaign,
        )
        for places in product(*(range(len(values)) for values in dimensions))
    ]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="play the long campaigns whole, not a sample")
    parser.addoption("--pictures", action="store_true", help="make the pictures of docs/ again on the way")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--whole"):
        return
    left = {item for item in items if item.get_closest_marker("campaign") is not None}
    if not any("[" in asked for asked in config.args):  # a case that is asked for by its name is played
        databases = {item.nodeid: name for item in items if item not in left and (name := _database_of(item))}
        others = left_to_the_other(databases)
        left |= {item for item in items if item.nodeid in others}
    items[:] = [item for item in items if item not in left]
    config.hook.pytest_deselected(items=left)


def _database_of(item: pytest.Item) -> str | None:
    values = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    name = values.get("database_url")
    return name if name in DATABASES else None


def left_to_the_other(databases: Mapping[str, str]) -> set[str]:
    """Of the names of tests, with the database of each: one of each pair.

    By the name alone, so that each run and each worker leaves out the same, whatever tests are added.
    """
    pairs: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for name, database in databases.items():
        if not name.startswith(BOTH):
            pairs[name.replace(database, "")][database] = name
    return {
        pair[DATABASES[crc32(name.encode()) % 2]]
        for name, pair in pairs.items()
        if len(pair) == len(DATABASES)
    }
