"""The only file that Berth takes is a list of people: small, plain text, read at once and kept nowhere."""

import io
import zipfile
from pathlib import Path

import pytest
from flask import Flask

from tests.desk import Desk
from tests.pages.reader import Visitor
from webapp.factory import MAX_BODY_BYTES

HOSTILE_NAMES = [
    "../../wsgi.py",
    "/etc/passwd",
    "..\\..\\x.csv",
    "<script>alert(1)</script>.csv",
    "a\0.csv",
    "x" * 5_000,
]


def archive(*, size: int) -> bytes:
    """`size` zeros, packed into little."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("people.csv", b"0" * size)
    return packed.getvalue()


def upload(provider: Visitor, content: bytes, *, name: str = "people.csv") -> tuple[int, str]:
    answer = provider.post("/people/invite", {"job": 1, "file": (io.BytesIO(content), name)})
    return answer.status_code, answer.text


def invited(provider: Visitor) -> bool:
    return "ada@example.com" in provider.read("/people/").text


def test_a_list_is_taken(provider: Visitor) -> None:
    assert upload(provider, b"Ada Byron,ada@example.com\n")[0] == 200
    assert invited(provider)


def test_a_file_that_is_too_large_is_refused(provider: Visitor) -> None:
    content = b"Ada Byron,ada@example.com\n".ljust(MAX_BODY_BYTES, b" ")

    assert upload(provider, content)[0] == 413
    assert not invited(provider)


@pytest.mark.parametrize(
    "content",
    [
        archive(size=50_000_000),
        b"\xd0\xcf\x11\xe0 an old workbook ada@example.com",
        b"%PDF-1.7 ada@example.com",
        b"\x7fELF\x02\x01\x01\x00 ada@example.com",
        b"MZ\x90\x00\x03\x00\x00\x00 ada@example.com",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR ada@example.com",
        b"GIF89a\x01\x00\x01\x00 ada@example.com",
    ],
    ids=["zip", "xls", "PDF", "ELF", "EXE", "PNG", "GIF"],
)
def test_what_is_no_text_is_refused_whatever_its_name_says_and_never_unpacked(
    provider: Visitor, content: bytes
) -> None:
    status, page = upload(provider, content)

    assert status == 422
    assert "Choose a CSV or text file" in page or "Save it as “CSV UTF-8”" in page
    assert not invited(provider)


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_the_name_of_a_file_is_not_looked_at(app: Flask, desk: Desk, provider: Visitor, name: str) -> None:
    folder = Path(app.root_path)
    before = sorted(folder.glob("*"))

    status, page = upload(provider, b"Ada Byron,ada@example.com\n", name=name)

    assert status == 200 and invited(provider)
    assert "alert(1)" not in page and name not in page
    assert sorted(folder.glob("*")) == before


def test_a_file_to_keep_has_a_name_of_ours(desk: Desk, provider: Visitor) -> None:
    desk.order()

    for path, name in (
        ("/workspaces/desktops.csv?name=evil.html&filename=evil.exe", "desktops.csv"),
        ("/jobs/1/applications.csv?filename=a%0d%0aSet-Cookie:x", "applications.csv"),
    ):
        answer = provider.get(path)
        assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
        assert answer.content_type == "text/csv; charset=utf-8"
