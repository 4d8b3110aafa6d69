"""A secret in memory: it can be used, and cannot be seen by accident."""

import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass

import pytest

from tests.cases import each_case
from webapp.clouds.base import Access
from webapp.vault.box import Secret

VALUE = "not/a/real/secret+of+the+tests+000000001"


@dataclass(frozen=True)
class Holder:
    secret: Secret


@each_case(
    "show",
    [
        repr,
        str,
        ascii,
        format,
        lambda secret: f"{secret}",
        lambda secret: f"{secret!r:>60}",
        lambda secret: f"{secret:>60}",
        lambda secret: "%s %r" % (secret, secret),  # noqa: UP031  # that is what is tried
        lambda secret: f"{[secret]} { ({'key': secret}) } {(secret,)}",
        lambda secret: repr(Holder(secret)),
        lambda secret: repr(asdict(Holder("plain"))),  # type: ignore[arg-type]
        lambda secret: repr(Access(public_fields={}, secret=secret)),
        lambda secret: json.dumps({"secret": secret}, default=str),
    ],
)
def test_nothing_that_writes_texts_shows_it(show: Callable[[Secret], str]) -> None:
    assert VALUE not in show(Secret(VALUE))


@each_case("keep", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps, vars, dict, list, bytes])
def test_it_cannot_be_taken_apart_or_stored(keep: Callable[[Secret], object]) -> None:
    with pytest.raises(TypeError):
        keep(Secret(VALUE))


def test_an_exception_about_it_does_not_show_it() -> None:
    secret = Secret(VALUE)

    try:
        raise ValueError(secret)
    except ValueError as error:
        trace = traceback.TracebackException.from_exception(error, capture_locals=True)
        text = "".join(trace.format()) + repr(error)

    assert "Secret(…)" in text
    assert f"'{VALUE}'" not in text.replace(f"VALUE = '{VALUE}'", "")


def test_a_log_line_about_it_does_not_show_it(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("tests.vault").warning("a secret passed by: %s", Secret(VALUE))

    assert "Secret(…)" in caplog.text
    assert VALUE not in caplog.text


def test_two_secrets_are_not_compared_by_value() -> None:
    assert Secret(VALUE) != VALUE


def test_whoever_needs_it_can_use_it() -> None:
    assert Secret(VALUE).reveal() == VALUE
