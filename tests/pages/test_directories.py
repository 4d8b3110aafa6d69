"""What a directory of Amazon is, as people and programs meet it: the test, and the user names of orders."""

from typing import Any

import pytest

from sandbox import demo
from tests.desk import WINDOWS, Desk
from tests.pages.reader import Program, Reader, Visitor

PERSON = "nikki.wolf@contoso.example"
NO_DESKTOPS = "no personal desktops"


def change(desk: Desk, **directory: str) -> None:
    desk.sandbox.set_directory(demo.DEMO_DIRECTORY_ID, **directory)
    desk.clock.pause(60)


def order(desk: Desk, **values: Any) -> dict[str, Any]:
    return {
        "application_id": desk.add_application().id,
        "cloud_credential_id": desk.credential_id,
        "workspace_type": "windows",
        "bundle_id": WINDOWS,
        "username": PERSON,
        **values,
    }


def test_a_directory_of_pools_fails_the_test_on_the_page_and_in_the_api(
    desk: Desk, provider: Visitor, program: Program
) -> None:
    change(desk, workspace_type="POOLS")

    answer = program.call("POST", f"cloud-credentials/{desk.credential_id}/test/")
    provider.post(f"/credentials/{desk.credential_id}/test")
    page = provider.read(f"/credentials/{desk.credential_id}/")

    assert NO_DESKTOPS in answer.text
    assert NO_DESKTOPS in page.text and "1 failed" in page.text
    assert program.read(f"cloud-credentials/{desk.credential_id}/")["status"] == "failing"


@pytest.mark.parametrize(
    ("directory", "statuses"),
    [({"user_identity_type": "AWS_IAM_IDENTITY_CENTER"}, (303, 201)), ({}, (422, 422))],
    ids=["Identity Center", "passwords"],
)
def test_a_sign_in_name_is_taken_where_the_directory_has_such_names(
    desk: Desk,
    provider: Visitor,
    program: Program,
    directory: dict[str, str],
    statuses: tuple[int, int],
) -> None:
    change(desk, **directory)
    provider.post(f"/credentials/{desk.credential_id}/test")
    provider.post(f"/credentials/{desk.credential_id}/bundles/refresh")

    form = provider.post("/workspaces/", order(desk))
    answer = program.call("POST", "workspaces/", order(desk, username=f"second.{PERSON}"))

    assert (form.status_code, answer.status_code) == statuses, (Reader(form.text).text, answer.text)
    if form.status_code == 422:
        assert Reader(form.text).error_of("username")
        assert list((answer.json or {})["errors"]) == ["username"]
