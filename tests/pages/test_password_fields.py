"""Fields for passwords: hidden while they are typed, and open to a password manager."""

import pytest

from tests.architecture.sources import ROOT
from tests.desk import Desk
from tests.pages.reader import Attributes, Reader, Visitor
from webapp.services import password_reset

PATHS = ("/sign-in", "/sign-up/person", "/sign-up/company", "/account/")
KINDS = {"current-password", "new-password"}


def check(page: Reader) -> None:
    fields = page.find("input", type="password")

    assert fields and {one.get("autocomplete") for one in fields} <= KINDS
    assert not [one for one in page.find("input") if one.get("type") != "password" and _is_secret(one)]
    for one in fields:
        assert one.get("value", "") == ""
        assert not {"maxlength", "pattern", "readonly", "onpaste"} & one.keys()


def _is_secret(field: Attributes) -> bool:
    return "password" in (field.get("name") or "")


@pytest.mark.parametrize("path", PATHS)
def test_a_password_is_hidden_and_may_be_filled_in_by_a_manager(
    stranger: Visitor, provider: Visitor, path: str
) -> None:
    check((provider if path == "/account/" else stranger).read(path))


def test_the_page_behind_a_link_takes_a_password_the_same_way(desk: Desk, stranger: Visitor) -> None:
    token = password_reset.make_link(desk.context, email=desk.provider.email)

    check(stranger.read(f"/password/new?link={token}"))


def test_no_script_keeps_anybody_from_pasting() -> None:
    scripts = "".join(path.read_text() for path in (ROOT / "static" / "js").glob("*.js"))

    assert "paste" not in scripts


def test_nobody_is_asked_a_secret_question(stranger: Visitor, provider: Visitor) -> None:
    for visitor, path in ((stranger, "/sign-in"), (stranger, "/sign-up/person"), (provider, "/account/")):
        page = visitor.read(path)
        names = {str(one.get("name")) for one in page.find("input") if one.get("type") != "hidden"}
        assert names <= {"None", "email", "password", "name", "current", "current_password", "company_name"}
        assert "hint" not in page.text.lower()
