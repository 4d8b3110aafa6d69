"""The commands meet a Python that is too old with a sentence, not with a syntax error."""

import ast
from pathlib import Path

import _python
import pytest

from tests.cases import each_case

BIN = Path(__file__).resolve().parents[2] / "bin"


def test_an_old_python_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer and this is 3\.9: install one"):
        _python.require("bin/run", (3, 9))


def test_a_python_that_fits_is_taken_without_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    _python.require("bin/run", (3, 12))

    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["run", "test", "lock", "_python.py"])
def test_what_an_old_python_must_read_has_no_new_syntax(name: str) -> None:
    ast.parse((BIN / name).read_text(), feature_version=(3, 4))


@each_case("path", sorted(BIN.glob("_*.py")), ids=lambda path: path.name)
def test_the_commands_need_nothing_but_the_standard_library(path: Path) -> None:
    import sys

    own = {other.stem for other in BIN.glob("_*.py")}
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            assert name.partition(".")[0] in sys.stdlib_module_names | own, f"{path.name} imports {name}"
