"""Made-up calls to every operation of a running server; `python -m tests.api.campaign` makes 5,000."""

from pathlib import Path

import pytest

from tests.api.campaign import run, running_server


@pytest.mark.slow
@pytest.mark.timeout(900)  # several hundred calls in one test; half a minute on a quiet machine
def test_no_made_up_call_gets_what_the_document_does_not_say(tmp_path: Path, migrated_sqlite: Path) -> None:
    with running_server(tmp_path, migrated_sqlite) as served:
        done = run(served, examples=8, phases="examples,fuzzing")

    assert done.returncode == 0, done.stdout[-8000:]
    assert served.cases > 150
    assert max(served.statuses) < 500
