"""Tests that share a server stay together, whatever file they are moved to."""

from pathlib import Path

from tests.cases import each_case
from tests.spread import GROUP_OF, LONG, Spread

ROOT = Path(__file__).resolve().parents[2]


@each_case("path", [*GROUP_OF, *LONG])
def test_a_grouped_or_long_file_is_there(path: str) -> None:
    name, _, test = path.partition("::")

    assert (ROOT / name).is_file()
    assert f"def {test}" in (ROOT / name).read_text(encoding="utf-8")


def test_a_file_that_starts_a_browser_several_worlds_or_an_installation_has_a_group() -> None:
    starts = (
        "pytest.mark.browser",
        "pytest.mark.timeout(300)",
        "pytest.mark.timeout(400)",
        "tests.installation.release",
    )
    found = {
        str(path.relative_to(ROOT))
        for folder in ("browser", "crash", "installation")
        for path in (ROOT / "tests" / folder).glob("test_*.py")
        if any(mark in path.read_text(encoding="utf-8") for mark in starts)
    }

    share_what_they_make = {
        "tests/commands/test_environment.py",
        "tests/commands/test_sbom.py",
        "tests/jobs/test_exporter.py",
        "tests/languages/test_catalogues.py",
        "tests/languages/test_marked_texts.py",
    }
    assert found | share_what_they_make == set(GROUP_OF)


def test_whoever_shares_the_running_berth_stays_together() -> None:
    used_by = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").glob("*/test_*.py")
        if path != Path(__file__) and "running_stack: Stack" in path.read_text(encoding="utf-8")
    }

    assert used_by == {path for path, name in GROUP_OF.items() if name == "browser"}


def test_only_a_group_is_given_to_a_worker_as_a_whole() -> None:
    def scope_of(name: str) -> str:
        return Spread._split_scope(object.__new__(Spread), name)

    assert scope_of("tests/browser/test_push.py::test_a[x@y]") == scope_of(
        "tests/browser/test_live.py::test_b"
    )
    assert scope_of("tests/domain/test_ids.py::test_a") != scope_of("tests/domain/test_ids.py::test_b")
