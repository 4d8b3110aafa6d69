"""The garbage collector passes over the imported modules and the collected tests: they are no garbage.

Otherwise it walks through these million objects again and again, which took a fifth of the tests' time.
"""

import gc
from collections.abc import Iterator

import pytest

YOUNG, MIDDLE, OLD = 20_000, 20, 50
"""Tests make much that is dropped together, and their processes end soon."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG, MIDDLE, OLD)
        gc.enable()
