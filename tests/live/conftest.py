from collections.abc import Iterator

import pytest

from tests.desk import Desk
from tests.live.listening import Line, line_of


@pytest.fixture
def line(desk: Desk) -> Iterator[Line]:
    with line_of(desk) as made:
        yield made
