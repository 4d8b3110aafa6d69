"""A refusal is no dead end: the page on which the button was pressed is one step away."""

import pytest

from tests.desk import Desk
from tests.pages.reader import Reader, Visitor


def _refused(provider: Visitor, desk: Desk, referrer: str | None) -> Reader:
    """A credential that workspaces need cannot be deleted."""
    desk.available()
    desk.prove_everybody()
    token = Reader(provider.get("/board/").text).find("meta", name="csrf-token")[0]["content"]
    headers = {} if referrer is None else {"Referer": referrer}
    response = provider.client.post(
        f"/credentials/{desk.credential_id}/delete", data={"csrf_token": token}, headers=headers
    )
    assert response.status_code == 409
    return Reader(response.text)


def test_a_refused_button_leads_back_to_its_page(provider: Visitor, desk: Desk) -> None:
    page = _refused(provider, desk, "http://localhost/credentials/1/delete?x=1")

    assert "/credentials/1/delete?x=1" in page.links()
    assert "/" in page.links()


@pytest.mark.parametrize(
    "referrer",
    [
        None,
        "http://evil.example/credentials/",
        "http://[bad",
        "http://localhost//evil.example/",
        "javascript:x",
    ],
)
def test_the_way_back_never_leads_elsewhere(provider: Visitor, desk: Desk, referrer: str | None) -> None:
    page = _refused(provider, desk, referrer)

    assert "Go back" not in page.text
    assert not [link for link in page.links() if "evil" in link or "javascript" in link]
