"""The application's own source files, as the architecture tests read them."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for folder in ("webapp", "jobs") for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    """The path inside the repository, for test ids and messages."""
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
