"""What holds a secret does not show it: dataclasses, rows, exceptions."""

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator

import jobs
import webapp
from webapp.models import Base
from webapp.vault.box import Secret

SUSPECT = ("secret", "token", "password", "private", "sealed", "session_token")
HARMLESS = {"AccountFacts.secret_expires_on"}
"""A day."""


def _classes() -> Iterator[type]:
    for package in (webapp, jobs):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith("__main__"):
                continue
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, type) and value.__module__ == module.name:
                    yield value


CLASSES = sorted(set(_classes()), key=lambda kind: (kind.__module__, kind.__qualname__))


def _holds_secret(field: "dataclasses.Field[object]") -> bool:
    is_text = field.type in (str, "str", "str | None") or "tuple[str" in str(field.type)
    return is_text and any(word in field.name for word in SUSPECT)


def test_a_dataclass_keeps_secrets_out_of_its_repr() -> None:
    kinds = [kind for kind in CLASSES if dataclasses.is_dataclass(kind)]

    shown = {
        f"{kind.__name__}.{field.name}"
        for kind in kinds
        for field in dataclasses.fields(kind)
        if field.repr and _holds_secret(field)
    }

    assert len(kinds) > 200
    assert shown <= HARMLESS


def test_a_row_shows_none_of_its_columns() -> None:
    kinds = [mapper.class_ for mapper in Base.registry.mappers]

    shown = {}
    for kind in kinds:
        columns = {column.key: f"value of {column.key}" for column in kind.__mapper__.columns}
        texts = {name: value for name, value in columns.items() if any(word in name for word in SUSPECT)}
        row = kind(**texts)
        if found := [value for value in texts.values() if value in repr(row) + str(row)]:
            shown[kind.__name__] = found

    assert len(kinds) > 50
    assert shown == {}


def test_the_search_would_find_a_secret_in_a_dataclass() -> None:
    made = dataclasses.make_dataclass("Made", [("client_secret", str), ("wrapped_secret", Secret)])

    assert [field.name for field in dataclasses.fields(made) if _holds_secret(field)] == ["client_secret"]
