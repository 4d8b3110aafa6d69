"""Whatever is changed in the trail afterwards is found, and the first broken row is named."""

import io
import json
import logging
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import delete, update

from tests.conftest import both_databases
from tests.desk import Desk
from tests.killing import die_at
from tests.trail.chains import LENGTH, TAMPERINGS, check, cut_tail, entry, fill, keys_of, tamper
from webapp.domain.trail_chain import ChainKeys, head_of, heads_in
from webapp.engine.trail_chain import chain_trail
from webapp.logging import JsonFormatter
from webapp.models import TrailEntry
from webapp.services.trail_check import check_trail

SAMPLE, WHOLE = 5 * len(TAMPERINGS), 1000
"""`--whole` does the thousand."""


@pytest.fixture(autouse=True)
def _empty_trail(desk: Desk) -> None:
    """Making the desk has left a line already."""
    with desk.sessions.begin() as session:
        session.execute(delete(TrailEntry))


@both_databases
def test_every_tampering_is_found(desk: Desk, pytestconfig: pytest.Config) -> None:
    fill(desk)
    count = WHOLE if pytestconfig.getoption("--whole") else SAMPLE

    found, missed = tamper(desk, count, seed=1)

    assert (found, missed) == (count, [])


def test_the_first_broken_row_is_named(desk: Desk) -> None:
    fill(desk)
    with desk.sessions.begin() as session:
        session.execute(update(TrailEntry).where(TrailEntry.id.in_((17, 40))).values(actor="nobody"))

    with desk.sessions() as session:
        verdict = check(desk, session)

    assert verdict.problem == "Entry 17 at position 17 is not as it was written."
    assert verdict.links == 16


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """As the workers write it, with everything replaced that looks like a key."""
    written, logger = io.StringIO(), logging.getLogger("webapp.engine.trail_chain")
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    yield written
    logger.setLevel(level)
    logger.removeHandler(handler)


def test_a_cut_end_is_found_by_a_head_in_the_log_alone(desk: Desk, log: io.StringIO) -> None:
    fill(desk)
    heads = heads_in(log.getvalue())
    assert {position for position, _ in heads} == {LENGTH}

    with desk.sessions() as session:
        cut_tail(session, random.Random(3))
        without, with_head = check(desk, session), check(desk, session, heads)

    assert without.problem == ""
    assert with_head.problem == f"The end is missing: the log has a head at position {LENGTH}."


def test_of_two_heads_at_one_position_one_is_wrong(desk: Desk, log: io.StringIO) -> None:
    """A chain that was cut and made longer again has another head, also if that one was logged later."""
    fill(desk, 5)
    before = heads_in(log.getvalue())
    ((_, real),) = before

    with desk.sessions() as session:
        verdict = check(desk, session, {*before, (5, "0" * 64)})

    assert real != "0" * 64
    assert verdict.problem == "Position 5 is not the one whose head the log has."


def test_the_head_is_logged_once_a_day(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="webapp.engine.trail_chain"):
        for _ in range(3):
            fill(desk, 2)
            desk.clock.pause(12 * 3600)

    assert sum(one.message == "head of the trail" for one in caplog.records) == 2


def test_an_entry_that_nobody_links_is_named_after_an_hour(desk: Desk) -> None:
    fill(desk, 3)
    with desk.sessions.begin() as session:
        late = entry(9)
        late.at = desk.clock.now()
        session.add(late)

    with desk.sessions() as session:
        at_once = check(desk, session)
        session.rollback()
        desk.clock.pause(3601)
        later = check(desk, session)

    assert at_once.problem == ""
    assert later.problem == "Entry 4 is in no place of the chain."


@both_databases
def test_a_killed_worker_leaves_no_gap_and_links_nothing_twice(desk: Desk) -> None:
    with desk.sessions.begin() as session:
        session.add_all(entry(number) for number in range(1, 11))
    desk.session.close()
    desk.database.dispose()
    die_at(desk, "trail_linked", lambda engine: chain_trail(engine, 1))
    with desk.sessions.begin() as session:
        session.add_all(entry(number) for number in range(11, 21))

    chain_trail(desk.make_engine(), 1)

    with desk.sessions() as session:
        verdict = check(desk, session)
    assert (verdict.links, verdict.problem) == (20, "")


def test_another_key_vouches_for_new_entries_and_the_old_one_for_the_old(desk: Desk) -> None:
    fill(desk, 3)
    old = desk.settings.webhook_private_keys
    keys = ChainKeys(("another private key", *old))
    assert keys.newest_id != keys_of(desk).newest_id

    with desk.sessions() as session:
        with_both = check_trail(session, keys, heads=(), now=desk.clock.now())
        session.rollback()
        without = check_trail(session, ChainKeys(("another",)), heads=(), now=desk.clock.now())

    assert with_both.problem == ""
    assert "linked with the key" in without.problem


def test_a_worker_without_the_key_links_nothing(desk: Desk) -> None:
    with desk.sessions.begin() as session:
        session.add(entry(1))

    chain_trail(desk.make_engine(settings=replace(desk.settings, webhook_private_keys=())), 1)

    with desk.sessions() as session:
        assert check(desk, session).links == 0


def test_the_command_checks_and_names_the_row(desk: Desk) -> None:
    fill(desk, 5)
    environ = {
        "PATH": "/usr/bin:/bin",
        "BERTH_ENV": "development",
        "REDIS_URL": desk.settings.redis_url,
        "DATABASE_URL": desk.settings.database_url,
        "WEBHOOK_PRIVATE_KEYS": ",".join(desk.settings.webhook_private_keys),
    }

    def run(*arguments: str, log: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "jobs.check_trail", *arguments]
        return subprocess.run(command, env=environ, input=log, capture_output=True, text=True, check=False)

    right = run()
    assert right.returncode == 0, right.stderr
    head = right.stdout.split("Head: ")[1].strip()
    later = head_of(9, "a" * 64)
    cut = run("--head", later)
    line = json.dumps({"logger": "webapp.engine.trail_chain", "head": later})
    logged = run("--heads-in-log", log=f"{line}\n")
    forged = run("--heads-in-log", log=json.dumps({"logger": "webapp.factory", "path": later}) + "\n")
    with desk.sessions.begin() as session:
        session.execute(update(TrailEntry).where(TrailEntry.id == 2).values(outcome="other"))
    wrong = run("--head", head)

    assert (right.returncode, right.stderr) == (0, "")
    assert right.stdout.startswith("5 lines of the trail are as they were written.")
    assert (cut.returncode, cut.stderr) == (1, "The end is missing: the log has a head at position 9.\n")
    assert (logged.returncode, logged.stderr) == (cut.returncode, cut.stderr)
    assert forged.returncode == 2
    assert "there is no head of the trail in this log" in forged.stderr
    assert (wrong.returncode, wrong.stderr) == (1, "Entry 2 at position 2 is not as it was written.\n")
