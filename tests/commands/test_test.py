"""bin/test itself: what the tests may not see, and which failure becomes the exit code."""

import os
import sys
from pathlib import Path

import _test
import pytest
from _console import ROOT
from _test import Check

PYTHON = Path(sys.executable)


@pytest.mark.parametrize(
    "name", ["AWS_PROFILE", "AWS_ENDPOINT_URL", "https_proxy", "ALL_PROXY", "BERTH_HOME", "DATABASE_URL"]
)
def test_nothing_leads_a_test_to_a_real_cloud_or_to_another_installation(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "http://elsewhere")

    assert name not in _test.environ_for_tests()


def test_a_failed_check_is_shown_and_becomes_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    good = Check("good", [PYTHON, "-c", "print('silence')"])
    bad = Check("bad", [PYTHON, "-c", "import sys; sys.exit(print('line 7 is too long') or 3)"])
    monkeypatch.setattr(_test, "checks", lambda python: [good, bad])

    failed = _test._run_checks(PYTHON, dict(os.environ))
    code = _test._run_pytest(PYTHON, dict(os.environ), arguments=["--version"], failed=failed)

    said = capfd.readouterr().out
    assert "good: ok" in said and "silence" not in said
    assert "bad: FAILED" in said and "line 7 is too long" in said
    assert code == 3


def test_without_a_failed_check_the_exit_code_is_pytests(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "pytest.ini").touch()  # without our own settings, which import half the house first
    arguments = ["-c", str(tmp_path / "pytest.ini"), str(tmp_path), "--no-such-option"]
    code = _test._run_pytest(PYTHON, dict(os.environ), arguments=arguments, failed=[])

    assert code == pytest.ExitCode.USAGE_ERROR
    assert "--no-such-option" in capfd.readouterr().err


def test_ci_calls_the_same_command() -> None:
    lines = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if not line.startswith("#")]

    assert lines[-1] == "exec bin/test"
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
