"""A sample of the long campaigns is played with every change; `bin/test --whole` plays them whole.

What is left out of the sample has the mark `campaign`: cases of a kind of which others are played.
"""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="play the long campaigns whole, not a sample")
    parser.addoption("--pictures", action="store_true", help="make the pictures of docs/ again on the way")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--whole"):
        return
    left = [item for item in items if item.get_closest_marker("campaign") is not None]
    items[:] = [item for item in items if item.get_closest_marker("campaign") is None]
    config.hook.pytest_deselected(items=left)
