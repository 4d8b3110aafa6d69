"""Many cases of one test, where to report each as a test of its own costs more than the case."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

import pytest


def each_case(names: str | Sequence[str], cases: Iterable[Any], *, ids: object = None) -> Callable[..., Any]:
    """In the place of `pytest.mark.parametrize`, for tests that need no fixture, or change nothing that the
    next case meets: every case is played, and those that failed are named together.

    `ids` is taken and not used: a failure shows the values.
    """
    of_case = [one.strip() for one in names.split(",")] if isinstance(names, str) else list(names)
    played = [tuple(one) if len(of_case) > 1 else (one,) for one in cases]

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def play(**fixtures: Any) -> None:
            failed: list[BaseException] = []
            for values in played:
                try:
                    test(**fixtures, **dict(zip(of_case, values, strict=True)))
                except (Exception, pytest.fail.Exception) as error:
                    error.add_note(f"case: {', '.join(map(repr, values))}")
                    failed.append(error)
            if failed:
                raise BaseExceptionGroup(f"{len(failed)} of {len(played)} cases failed", failed)
            assert played, "there is no case"

        signature = inspect.signature(test)
        left = [one for name, one in signature.parameters.items() if name not in of_case]
        play.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]  # read by pytest
        return play

    return decorate
